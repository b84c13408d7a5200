"""Flask without what this service has no use for, and every request would pay for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import flask
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import WSGIEnvironment

_NOBODY: Final = NullSession()
_WITHOUT_BODY: Final = frozenset({204, 304})


class _NoSessions(SessionInterface):
    """Remembers no client."""

    def open_session(self, _app: flask.Flask, _request: flask.Request) -> NullSession:
        return _NOBODY


class Flask(flask.Flask):
    """Flask for handlers that are no coroutines, without sessions and without routes by host name.

    ``make bench.request`` measures what a request costs.
    """

    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The handler itself: Flask would inspect it anew in every request."""
        return func

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """What finds the route, from what ``request`` has read: Flask would read the environment a second time."""
        if request is None:
            return super().create_url_adapter(None)
        request.trusted_hosts = self.config["TRUSTED_HOSTS"]
        return MapAdapter(
            self.url_map,
            server_name=request.host.lower(),
            script_name=request.root_path,
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=request.query_string.decode("latin-1"),
        )


class Response(flask.Response):
    """A response whose body is there as bytes and whose headers are final."""

    def get_wsgi_response(self, environ: WSGIEnvironment) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Body, status and headers as they are: werkzeug would copy, look through and wrap them."""
        if environ["REQUEST_METHOD"] == "HEAD" or self.status_code in _WITHOUT_BODY:
            return super().get_wsgi_response(environ)
        return self.iter_encoded(), self.status, self.headers.to_wsgi_list()
