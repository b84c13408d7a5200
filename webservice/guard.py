"""Who gets in: where there are keys, every route wants one, save for those that are named here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import request

from webservice import documentation
from webservice.answers import JSON
from webservice.observation import KEY_NAME
from webservice.problems import MEDIA_TYPE, OPEN_INFERENCE, ProblemError

if TYPE_CHECKING:
    from logging import Logger

    from flask import Flask

    from webservice.keys import Keys
    from webservice.settings import Settings

OPEN: Final = frozenset(
    {
        "/",
        "/docs",
        "/docs/<path:filename>",
        "/livez",
        "/openapi.json",
        "/ping",
        "/readyz",
        "/static/<path:filename>",
        "/swagger.json",
        "/swaggerui/<path:filename>",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
    }
)
"""The rules of routes that anybody may read: pages, documentation and probes. Nothing here may tell a prediction."""

_READING: Final = frozenset({"GET", "HEAD"})

AUTHORIZATIONS: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word Bearer, a space, and the key.",
    },
}
"""How a key is sent, as Flask-RESTX documents it."""

_REFUSAL: Final = "The key is missing or wrong."
_METHODS: Final = frozenset({"get", "head", "post", "put", "patch", "delete"})


def is_open(rule: str, method: str) -> bool:
    """Whether a route answers ``method`` without a key."""
    return rule in OPEN and method in _READING


def register(app: Flask, keys: Keys) -> None:
    """Let ``app`` answer only requests that carry one of ``keys``, where a key is wanted."""

    @app.before_request
    def check() -> None:
        rule, environ = request.url_rule, request.environ
        # What there is not is refused as that; OPTIONS tells what anybody may know, and browsers ask it without a key.
        if rule is None or environ["REQUEST_METHOD"] == "OPTIONS" or is_open(rule.rule, environ["REQUEST_METHOD"]):
            return
        if not (name := keys.name_of(environ)):
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "The key is missing or wrong: send it as X-API-Key, or as Authorization: Bearer.",
                headers={"WWW-Authenticate": 'Bearer realm="oncology"'},
            )
        environ[KEY_NAME] = name


def warn_if_open(settings: Settings, log: Logger) -> None:
    """Say in the log that no key is wanted, where that is so."""
    if not settings.api_keys_file:
        log.warning("Open to everybody who reaches this port: ONCOLOGY_API_KEYS_FILE would let only keys in")


def describe(rule: str, doc: dict[str, Any]) -> dict[str, Any]:
    """What Flask-RESTX documents of a route, with what the guard adds to it."""
    return {word: _guarded(rule, word, said) for word, said in doc.items()}


def _guarded(rule: str, word: str, said: Any) -> Any:  # noqa: ANN401 - of a route or of its method
    if word not in _METHODS or not said or is_open(rule, word.upper()):
        return said
    speaks_protocol = rule.startswith(OPEN_INFERENCE)
    refusal = documentation.INFERENCE_ERROR if speaks_protocol else documentation.PROBLEM
    form = JSON if speaks_protocol else MEDIA_TYPE
    return said | {
        "security": list(AUTHORIZATIONS),
        "responses": said.get("responses", {}) | {401: (_REFUSAL, refusal)},
        "produces": list(dict.fromkeys([*said.get("produces", [JSON]), form])),
    }
