"""Hands gunicorn's parser a request in two pieces, since it copies all that it has been given at each step."""

from __future__ import annotations

from typing import Final

from gunicorn.http.unreader import Unreader

# Of a client that sends chunks of a byte there are many to be taken from a piece.
_SMALLEST_PIECE: Final = 8192


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
        self._taken = 0
        self._missing = missing

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece of the rest, not much longer than it is wanted: what is not, is put back and copied again.

        Raises:
            Exception: ``missing``.
        """
        start = self._taken
        if start == len(self._rest):
            raise self._missing
        self._taken = min(start + max(size_hint or 0, _SMALLEST_PIECE), len(self._rest))
        return self._rest[start : self._taken]

    def take_buffered(self) -> bytes:
        """What is left of both."""
        left: bytes = super().take_buffered() + self._rest[self._taken :]
        self._taken = len(self._rest)
        return left
