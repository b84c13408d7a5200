"""gunicorn's worker as this service needs it: no client, however slow, and no load, however high, blocks the others."""

from __future__ import annotations

import contextlib
import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any, Final

from gunicorn.http.errors import LimitRequestHeaders, NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker
from werkzeug.exceptions import RequestEntityTooLarge

from webservice import api, overload
from webservice.incoming import Incoming
from webservice.metrics import UNKNOWN
from webservice.received import Received

if TYPE_CHECKING:
    from concurrent.futures import Future

    from gunicorn.http.message import Request

# How long a request may take to arrive: 4 MB at 1 Mbit/s.
_ARRIVAL_SECONDS: Final = 30

# How long an answer may take to leave a thread. Those given in the event loop are small enough to leave at once.
_SENDING_SECONDS: Final = 10

# How long a request waits for a thread, behind batches of which each may take a second.
_LONGEST_WAIT_FOR_THREAD_SECONDS: Final = 10

# How long what a client still sends is thrown away after its connection's end: closed at once, it may not read why.
_LINGER_SECONDS: Final = 2

# What requests that have not been answered may take of a worker's memory; those beyond are refused.
_MOST_HELD_BYTES: Final = 32 * 1024 * 1024

# Less than a millisecond each, which is less than giving them to a thread costs where others are at work.
_PREDICT: Final = (b"POST /predict ", b"POST /predict?")
# An orchestrator that gets no answer would take the service away, and leave what it does to others that are as busy.
_PROBES: Final = (b"GET /livez ", b"GET /readyz ")
_AT_ONCE: Final = (*_PREDICT, *_PROBES)
_MOST_BYTES_AT_ONCE: Final = 8 * 1024

_READ_BYTES: Final = 256 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class _Connection(TConn):  # type: ignore[misc]
    """A connection, and what has come of its next request."""

    incoming: Incoming
    deadline: float
    """When it is closed if nothing comes of it."""
    queued: float
    """When its request was there."""
    held: int = 0
    """How many bytes of the worker's memory its request takes."""
    refused: bool = False
    ended: bool = False


class Worker(ThreadWorker):  # type: ignore[misc]
    """Collects requests in the event loop; answers small ones there, one after the other, and gives others to threads.

    gunicorn's own gives a connection to a thread with its first byte: as many slow clients as threads stop the service.
    And threads that compute take turns with the event loop, which under load accepts too late to refuse in time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as gunicorn has it
        super().__init__(*args, **kwargs)
        # Those that the event loop watches.
        self._connections: set[_Connection] = set()
        self._held_bytes = 0
        self._most_bytes = 0
        self._round_begun = self._next_look = 0.0

    def run(self) -> None:
        """Serve until told to stop."""
        config = self.wsgi.config
        self._metrics = self.wsgi.extensions[api.METRICS]
        self._most_bytes = max(config["MAX_CONTENT_LENGTH"], config["MAX_BATCH_BYTES"])
        super().run()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what is to be done, and know when that began."""
        events = self.poller.select(timeout)
        self._round_begun = time.monotonic()
        for key, _ in events:
            key.data(key.fileobj)

    def accept(self, listener: socket.socket) -> None:
        """Accept the connections that are there."""
        while self.nr_conns < self.worker_connections:
            try:
                client, address = listener.accept()
            except OSError:  # there is none, or no room for one, or it has gone
                return
            self.nr_conns += 1
            conn = _Connection(self.cfg, client, address, listener.getsockname())
            self._await_request(conn)
            self._watch(conn)

    def _watch(self, conn: _Connection) -> None:
        self._connections.add(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))

    def _unwatch(self, conn: _Connection) -> None:
        self._connections.remove(conn)
        self.poller.unregister(conn.sock)

    def _await_request(self, conn: _Connection) -> None:
        conn.incoming = Incoming(self._most_bytes)
        conn.deadline = time.monotonic() + self.cfg.keepalive

    def _on_readable(self, conn: _Connection, client: socket.socket) -> None:
        try:
            data = client.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if conn.ended:
            if not data:
                self._drop(conn)
        elif not data and not conn.incoming.received:
            self._drop(conn)
        elif not data:
            self._answer(conn, NoMoreData())
        elif self._add(conn, data):
            self._answer(conn)

    def _add(self, conn: _Connection, data: bytes) -> bool:
        """Tell whether there is nothing more to wait for."""
        incoming = conn.incoming
        if not incoming.received:
            conn.deadline = time.monotonic() + _ARRIVAL_SECONDS
        whole = incoming.add(data)
        conn.held += len(data)
        self._held_bytes += len(data)
        if whole:
            return True
        if incoming.expects:
            incoming.expects = False
            with contextlib.suppress(OSError):  # what became of the connection is seen when it is read
                conn.sock.send(_CONTINUE)
        conn.refused = self._held_bytes > _MOST_HELD_BYTES
        return conn.refused

    def _answer(self, conn: _Connection, missing: Exception | None = None) -> None:
        """Answer a request here, or have it answered by a thread, be it cut short or too large to be waited for."""
        received = conn.incoming.received
        is_late = time.monotonic() - self._round_begun > overload.LONGEST_WAIT_SECONDS
        conn.init()
        if conn.refused or (is_late and received.startswith(_PREDICT)):
            method, route = ("POST", "/predict") if is_late else (UNKNOWN, UNKNOWN)
            self._finish(conn, keep=self._refuse(conn, method, route))
            return
        body = conn.incoming.body or len(received)
        missing = missing or (RequestEntityTooLarge() if conn.incoming.body else LimitRequestHeaders("head too long"))
        with memoryview(received) as view:
            conn.parser.unreader = Received(bytes(view[:body]), bytes(view[body:]), missing)
        conn.queued = self._round_begun
        if len(received) <= _MOST_BYTES_AT_ONCE and received.startswith(_AT_ONCE):
            self._finish(conn, keep=self.handle(conn))
        else:
            self._unwatch(conn)
            self.enqueue_req(conn)

    def handle_request(self, req: Request, conn: _Connection) -> bool:
        """Answer a request, in the event loop or in a thread."""
        in_thread = conn not in self._connections
        conn.sock.settimeout(_SENDING_SECONDS if in_thread else 0)
        if in_thread and time.monotonic() - conn.queued > _LONGEST_WAIT_FOR_THREAD_SECONDS:
            self._refuse(conn, UNKNOWN, UNKNOWN)
            return False  # whatever it was: HEAD expects no body
        if not conn.incoming.complete:
            req.force_close()
        answered: bool = super().handle_request(req, conn)
        return answered

    def _keepalive_after(self, conn: _Connection, keepalive: bool) -> bool:
        """Tell whether the connection can be kept."""
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except Exception:  # noqa: BLE001 - a body that nobody read is broken; gunicorn would answer a second time
            return False

    def _refuse(self, conn: _Connection, method: str, route: str) -> bool:
        """Send the refusal; tell whether the connection can be kept."""
        self._metrics.count(method, route, str(overload.STATUS.value), "", time.monotonic() - self._round_begun)
        try:
            sent = conn.sock.send(overload.ANSWER)
        except OSError:
            return False
        return conn.incoming.is_alone and sent == len(overload.ANSWER)

    def finish_request(self, conn: _Connection, fs: Future[bool]) -> None:
        """Go on with a connection that a thread is done with."""
        self._watch(conn)
        self._finish(conn, keep=not fs.cancelled() and fs.result())

    def _finish(self, conn: _Connection, *, keep: bool) -> None:
        self._release(conn)
        try:
            conn.sock.setblocking(False)
            if not keep:
                # gunicorn would wait here for the client to close, and block all others.
                conn.ended = True
                conn.deadline = time.monotonic() + _LINGER_SECONDS
                conn.incoming, conn.parser = Incoming(0), None  # and with them what they hold
                conn.sock.shutdown(socket.SHUT_WR)
                return
        except OSError:
            self._drop(conn)
            return
        self._await_request(conn)
        # What the client sent behind its request. Later: others come first, but nothing that it sends after that.
        if data := conn.parser.unreader.take_buffered():
            self._unwatch(conn)
            self.method_queue.defer(self._on_read_ahead, conn, data)

    def _on_read_ahead(self, conn: _Connection, data: bytes) -> None:
        self._watch(conn)
        if self._add(conn, data):
            self._answer(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what has been waited for long enough."""
        now = time.monotonic()
        if now < self._next_look and not force:
            return
        self._next_look = now + 1
        for conn in [conn for conn in self._connections if force or conn.deadline < now]:
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Wait until ``deadline`` at most for requests of which nothing has come."""
        for conn in self._connections:
            if not conn.incoming.received:
                conn.deadline = min(conn.deadline, deadline)

    def _release(self, conn: _Connection) -> None:
        self._held_bytes -= conn.held
        conn.held = 0
        conn.refused = False

    def _drop(self, conn: _Connection) -> None:
        self._release(conn)
        self._unwatch(conn)
        self.nr_conns -= 1
        conn.close()
