"""Flask-RESTX as this service uses it: for routing and documentation."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import flask_restx
import orjson
from flask import current_app, request
from flask.views import MethodView

from webservice import answers
from webservice.openapi import OpenApi, Swagger

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response
    from flask.typing import ResponseReturnValue

    from webservice.service import Service

EXTENSION: Final = "oncology"
"""Where the application keeps its service."""

METRICS: Final = "oncology-metrics"
"""Where it keeps what counts its requests."""


class Resource(flask_restx.Resource):  # type: ignore[misc]
    """A resource that keeps no state, so that one serves all requests."""

    init_every_request = False

    def dispatch_request(self, **values: object) -> ResponseReturnValue:
        """Call the handler as Flask does: what it answers is ready, and needs nothing more of Flask-RESTX."""
        return MethodView.dispatch_request(self, **values)


class Api(flask_restx.Api):  # type: ignore[misc]
    """An API whose errors are answered by :mod:`webservice.problems`."""

    def error_router(
        self, original_handler: Callable[[Exception], ResponseReturnValue], e: Exception
    ) -> ResponseReturnValue:
        """Leave errors to Flask: Flask-RESTX would answer some, in another form."""
        return original_handler(e)

    def _register_specs(self, app: Flask) -> None:
        # "specs" is what the Swagger UI asks for.
        app.add_url_rule("/swagger.json", "specs", _Document(self, Swagger))
        app.add_url_rule("/openapi.json", "openapi", _Document(self, OpenApi))


class _Document:
    """Answers with a document that describes the API, made when it is first asked for at an address."""

    def __init__(self, api: Api, kind: type[Swagger]) -> None:
        self._api = api
        self._kind = kind
        # By the prefix under which a proxy serves it, and a proxy may pass on any that a client makes up.
        self._content = lru_cache(maxsize=8)(self._make)

    def _make(self, _prefix: str) -> tuple[bytes, str]:
        content = orjson.dumps(self._kind(self._api).as_dict())
        return content, hashlib.sha256(content).hexdigest()

    def __call__(self) -> Response:
        return answers.unless_known(*self._content(request.script_root))


def namespace(name: str, description: str) -> Any:  # noqa: ANN401 - Flask-RESTX has no types
    """A family of routes; ``name`` is its heading in the documentation."""
    return flask_restx.Namespace(name, description, path="/")


def service() -> Service:
    """The service of the application that answers the current request."""
    return cast("Service", current_app.extensions[EXTENSION])
