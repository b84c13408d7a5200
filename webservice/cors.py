"""Lets pages of other origins call the service, where the operator names those: https://fetch.spec.whatwg.org/#cors-protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_READABLE: Final = ("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-ID")
_PREFLIGHT: Final = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Encoding, Content-Type, X-API-Key, X-Request-ID, traceparent, tracestate",
    ),
    ("Access-Control-Max-Age", "600"),
)


class Cors:
    """A WSGI application around another one, whose answers browsers give to pages of some origins.

    There is no cookie here that a browser would send along: pages have to know a key themselves.

    Args:
        app: the other one; it answers OPTIONS.
        origins: such as ``https://clinic.example``, in lower case.
    """

    def __init__(self, app: WSGIApplication, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:  # noqa: ANN401 - PEP 3333
            headers.append(("Vary", "Origin"))
            if (origin := environ.get("HTTP_ORIGIN")) in self._origins:
                headers.append(("Access-Control-Allow-Origin", origin))
                headers.extend(_PREFLIGHT if environ["REQUEST_METHOD"] == "OPTIONS" else [_READABLE])
            return start_response(status, headers, *error)

        return self._app(environ, start)
