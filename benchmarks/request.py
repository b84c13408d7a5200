"""``python -m benchmarks.request``: what a request costs inside the application, layer by layer, without a server."""

from __future__ import annotations

import gc
import io
import json
import os
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import flask
import flask_restx
import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.tumors import BATCH_ROWS, TUMORS
from webservice import shared
from webservice.app import create_app
from webservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

_CALLS: Final = 100
_ROUNDS: Final = 51
_PORT: Final = 1
"""By which the service names its folder of counts; nothing listens there."""

_ONE: Final = json.dumps(TUMORS[0]).encode()
_MANY: Final = json.dumps(TUMORS).encode()


def main() -> None:
    """Measure in turns, on one core, and tell medians."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    shared.prepare(_PORT)
    out = os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where the service logs requests
    try:
        layers = _layers()
        gc.freeze()  # as the servers do
        seconds = _measure(layers)
    finally:
        os.dup2(out, sys.stdout.fileno())
        shared.remove()
    table = Table("inside the application, on one core", "µs")
    for name, of in seconds.items():
        table.add_row(name, f"{1e6 * of:,.1f}")
    Console(width=100).print(table)


def _layers() -> dict[str, Callable[[], object]]:
    service = create_app(Settings())
    unobserved = partial(flask.Flask.wsgi_app, service)
    bare, documented = _flask(), _restx()
    answers = json.loads(_post(service, "/predict/batch", _MANY))
    return {
        "Flask, a constant": lambda: _post(bare, "/predict", _ONE),
        "Flask-RESTX, a constant": lambda: _post(documented, "/predict", _ONE),
        "/predict without metrics and log": lambda: _post(unobserved, "/predict", _ONE),
        "/predict": lambda: _post(service, "/predict", _ONE),
        f"/predict/batch, {BATCH_ROWS:,} rows": lambda: _post(service, "/predict/batch", _MANY),
        "parsing and writing its JSON, orjson": lambda: (orjson.loads(_MANY), orjson.dumps(answers)),
        "parsing and writing its JSON, msgspec": lambda: (msgspec.json.decode(_MANY), msgspec.json.encode(answers)),
        "parsing and writing its JSON, standard library": lambda: (json.loads(_MANY), json.dumps(answers)),
    }


def _flask() -> WSGIApplication:
    app = flask.Flask("bare")
    app.add_url_rule(
        "/predict", view_func=lambda: flask.Response(b"{}", content_type="application/json"), methods=["POST"]
    )
    return app


def _restx() -> WSGIApplication:
    app = flask.Flask("documented")

    class Constant(flask_restx.Resource):  # type: ignore[misc]
        def post(self) -> dict[str, str]:
            return {}

    flask_restx.Api(app).add_resource(Constant, "/predict")
    return app


def _post(app: WSGIApplication, path: str, body: bytes) -> bytes:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8080",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    parts = app(environ, _expect_success)
    try:
        return b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()


def _expect_success(status: str, *_: object) -> Callable[[bytes], object]:
    if status != "200 OK":
        raise RuntimeError(f"answered {status}")
    return lambda _: None


def _measure(layers: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median time of one call of each, by name."""
    seconds: dict[str, list[float]] = {name: [] for name in layers}
    for _ in range(_ROUNDS):
        for name, call in layers.items():
            started = time.perf_counter()
            for _ in range(_CALLS):
                call()
            seconds[name].append((time.perf_counter() - started) / _CALLS)
    return {name: statistics.median(of) for name, of in seconds.items()}


if __name__ == "__main__":
    main()
