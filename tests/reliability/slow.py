"""Clients that are slower than any client is: they send, or read, a byte a second."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType


class SlowSenders:
    """One connection for each of ``requests``, all sent a byte a second from the block's begin to its end.

    Args:
        port: where the service is.
        requests: what each sends; ``begun`` of it at once.
        begun: how many bytes of its request each sends at once.
    """

    def __init__(self, port: int, requests: Sequence[bytes], begun: int) -> None:
        self._port = port
        self._requests = requests
        self._begun = begun
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._send_on)
        self.closed = 0
        """How many the service has given up."""

    def __enter__(self) -> Self:
        self._connections = [socket.create_connection(("127.0.0.1", self._port)) for _ in self._requests]
        for connection, request in zip(self._connections, self._requests, strict=True):
            connection.sendall(request[: self._begun])
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        for connection in self._connections:
            connection.close()

    def _send_on(self) -> None:
        place = self._begun
        gone: set[int] = set()
        while not self._stopped.is_set():
            due = time.monotonic() + 1
            for number, connection in enumerate(self._connections):
                if number not in gone:
                    try:
                        connection.send(self._requests[number][place : place + 1])
                    except OSError:
                        gone.add(number)
            self.closed = len(gone)
            place += 1
            self._stopped.wait(due - time.monotonic())


class SlowReaders:
    """Connections that ask for a large answer and do not read it."""

    def __init__(self, port: int, request: bytes, count: int) -> None:
        self._port = port
        self._request = request
        self._count = count

    def __enter__(self) -> Self:
        self._connections = []
        for _ in range(self._count):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", self._port))
            with contextlib.suppress(OSError):
                connection.sendall(self._request)
            self._connections.append(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._connections:
            connection.close()
