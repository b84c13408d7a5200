"""Hands gunicorn's parser a request in two pieces, since it copies all that it has been given at each step."""

from __future__ import annotations

from gunicorn.http.unreader import Unreader


class Received(Unreader):  # type: ignore[misc]
    """What has come on a connection from the beginning of a request on.

    It never reads on: whoever does waits for the client, and waiting is the event loop's.

    Args:
        head: of the request, or what there is of it.
        rest: what has come after that.
        missing: raised where the parser needs more.
    """

    def __init__(self, head: bytes, rest: bytes, missing: Exception) -> None:
        super().__init__()
        self.buf.write(head)
        self._rest = rest
        self._missing = missing

    def chunk(self, _size_hint: int | None = None) -> bytes:
        """The rest, once.

        Raises:
            Exception: ``missing``.
        """
        if not self._rest:
            raise self._missing
        rest, self._rest = self._rest, b""
        return rest

    def take_buffered(self) -> bytes:
        """What is left of both."""
        left: bytes = super().take_buffered() + self._rest
        self._rest = b""
        return left
