"""What happens around every request: it gets an identifier, is counted, timed and logged, and its answer made safe."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from webservice import headers, logs, tracing
from webservice.metrics import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from webservice.metrics import Metrics
    from webservice.tracing import Export

KEY_NAME: Final = "oncology.key"
"""Where the environment of a request tells the name of the key that it carried."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Observation:
    """A WSGI application around another one.

    Args:
        app: the other one.
        metrics: count the requests.
        export: exports them to a collector of traces, if there is one.
    """

    def __init__(self, app: WSGIApplication, metrics: Metrics, export: Export | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._export = export

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        request = _Request(environ, self._metrics, self._export)

        def start(status: str, given: list[tuple[str, str]], *error: Any) -> Any:  # noqa: ANN401 - PEP 3333
            request.status = status[:3]
            request.route = _route(environ)
            headers.complete(given, environ)
            given.append(("X-Request-ID", request.identifier))
            return start_response(status, given, *error)

        self._metrics.in_flight.inc()
        try:
            return _Answer(self._app(environ, start), request)
        except BaseException:
            request.end()
            raise


class _Answer:
    """The parts of an answer; closing it is the end of the request."""

    __slots__ = ("_parts", "_request")

    def __init__(self, parts: Iterable[bytes], request: _Request) -> None:
        self._parts = parts
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            if close := getattr(self._parts, "close", None):
                close()
        finally:
            self._request.end()


class _Request:
    """What is known of a request."""

    __slots__ = ("_environ", "_export", "_metrics", "_started", "identifier", "route", "status")

    def __init__(self, environ: WSGIEnvironment, metrics: Metrics, export: Export | None) -> None:
        self._environ = environ
        self._metrics = metrics
        self._export = export
        self._started = time.perf_counter()
        self.identifier = tracing.request_id(environ)
        self.route = UNKNOWN
        self.status = "500"

    def end(self) -> None:
        """Count and log it."""
        seconds = time.perf_counter() - self._started
        environ, metrics = self._environ, self._metrics
        metrics.in_flight.dec()
        method, key = self._method(), environ.get(KEY_NAME, "")
        metrics.count(method, self.route, self.status, key, seconds)
        entry = {
            "time": logs.now(),
            "level": "error" if self.status >= "500" else "info",
            "request_id": self.identifier,
            "method": method,
            "route": self.route,
            "status": int(self.status),
            "seconds": round(seconds, 6),
        }
        if key:
            entry["key"] = key
        if trace := self._trace(method, seconds):
            entry["trace_id"] = trace
        try:
            logs.write_line(entry)
        except OSError:  # a full disk is no reason to fail a request
            metrics.lost_lines.inc()

    def _method(self) -> str:
        method: str = self._environ["REQUEST_METHOD"]
        return method if method in _METHODS else UNKNOWN

    def _trace(self, method: str, seconds: float) -> str | None:
        if self._export:
            return self._export(self._environ, method, self.route, self.status, time.time_ns() - int(seconds * 1e9))
        return tracing.trace_id(self._environ)


def _route(environ: WSGIEnvironment) -> str:
    """The rule that the request matched: an address may hold a tumour, and clients make up others."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return rule.rule if rule else UNKNOWN
