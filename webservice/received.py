"""Hands gunicorn's parser a request in two pieces, since it copies all that it has been given at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gunicorn.http.unreader import SocketUnreader

if TYPE_CHECKING:
    import socket


class Received(SocketUnreader):  # type: ignore[misc]
    """The bytes of a connection from the beginning of a request on.

    Args:
        client: where more may come from.
        head: of the request, or what there is of it.
        rest: what has come after that.
    """

    def __init__(self, client: socket.socket, head: bytes, rest: bytes) -> None:
        super().__init__(client)
        self.buf.write(head)
        self._rest = rest

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The rest, and then what comes still."""
        if rest := self._rest:
            self._rest = b""
            return rest
        data: bytes = super().chunk(size_hint)
        return data

    def take_buffered(self) -> bytes:
        """What is left of both."""
        left: bytes = super().take_buffered() + self._rest
        self._rest = b""
        return left
