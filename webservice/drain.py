"""Leaving without losing a request: on SIGTERM, ask for no more requests, serve those that come, and stop only then."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from webservice import api

if TYPE_CHECKING:
    from flask import Flask
    from gunicorn.arbiter import Arbiter
    from gunicorn.http.message import Request
    from gunicorn.workers.base import Worker

    from webservice.service import Service


def before_stop(server: Arbiter, seconds: int) -> None:
    """Let SIGTERM drain the service for ``seconds`` before gunicorn's graceful stop; a second SIGTERM cuts that short.

    gunicorn's main loop handles the timer's signal as it does the others, so that it goes on minding its workers.
    """
    stop = server.handle_term

    def drain() -> None:
        service = _service(server.app.wsgi())
        if service.draining or not seconds:
            stop()
        service.drain()
        server.log.info("Serving for another %s s, so that clients learn to go elsewhere", seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    server.handle_term = drain
    server.handle_alrm = stop
    signal.signal(signal.SIGALRM, server.signal)


def close_connection(worker: Worker, request: Request) -> None:
    """While the service drains, answer ``request`` with ``Connection: close``: the client's next one goes elsewhere."""
    if _service(worker.wsgi).draining:
        request.force_close()


def _service(app: Flask) -> Service:
    service: Service = app.extensions[api.EXTENSION]
    return service
