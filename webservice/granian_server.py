"""The service under granian, a faster WSGI server than gunicorn: ``ONCOLOGY_SERVER=granian``."""

from __future__ import annotations

import logging
import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from webservice import api, logs, shared
from webservice.cpu import available_cpus
from webservice.ready import be_ready
from webservice.wsgi import app as application

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from webservice.service import Service
    from webservice.settings import Settings

# Of request line and headers together: granian has no limit for one of them.
_MAX_HEAD_BYTES: Final = 64 * 1024

# How long after the first time.
_ASKED_AGAIN_SECONDS: Final = 0.5

_service: Final[Service] = application.extensions[api.EXTENSION]


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The application; while the service drains it asks clients to connect anew, which leads them elsewhere."""
    if not _service.draining:
        return application(environ, start_response)

    def closing(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        return start_response(status, [*headers, ("Connection", "close")], *exc_info)

    return application(environ, closing)


class Server(MPServer):
    """Granian that drains on SIGTERM, as :mod:`webservice.drain` has gunicorn do."""

    drain_seconds: int = 0

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as granian has it
        """Turn unready and stop later, or at once when told again."""
        if os.getpid() != self.pid:
            # A worker so young that it still has its parent's handler, and serves nobody: it would never stop.
            os._exit(0)
        if self.drain_seconds and not _service.draining:
            _service.drain()
            _say(f"Serving for another {self.drain_seconds} s, so that clients learn to go elsewhere")
            signal.signal(signal.SIGALRM, self.signal_handler_interrupt)
            signal.setitimer(signal.ITIMER_REAL, self.drain_seconds)
            return
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]

    def _stop_workers(self) -> None:
        """Ask workers to stop, and then those again that have not: one that is about to serve does not hear."""
        for worker in self.wrks:
            worker.terminate()  # type: ignore[no-untyped-call]
        deadline = time.monotonic() + _ASKED_AGAIN_SECONDS
        for worker in self.wrks:
            worker.join(max(0, deadline - time.monotonic()))  # type: ignore[no-untyped-call]
        super()._stop_workers()  # type: ignore[no-untyped-call]


def _say(message: str) -> None:
    logging.getLogger("_granian").info(message)


def serve(settings: Settings) -> None:
    """Serve until a signal comes. The workers are forked from this process, whose application is loaded."""
    server = Server(
        "webservice.granian_server:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=_MAX_HEAD_BYTES),
        websockets=False,
        workers=settings.workers or available_cpus(),
        blocking_threads=settings.threads,
        # One more answers sooner while another waits for the interpreter (`make bench.setups`).
        runtime_threads=2,
        workers_kill_timeout=settings.graceful_timeout,
        respawn_failed_workers=True,
        log_dictconfig=logs.configuration(),
    )
    server.drain_seconds = settings.drain_seconds

    server.on_startup(partial(be_ready, settings, logging.getLogger("_granian")))
    server.serve()
    shared.remove()
