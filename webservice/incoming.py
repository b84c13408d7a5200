"""Knows when a request has arrived from its first byte to its last, without understanding it: that is the parser's."""

from __future__ import annotations

import re
from typing import Final

# A longer one is refused, though it may not have ended.
_LONGEST_HEAD: Final = 64 * 1024
_LONGEST_CHUNK_LINE: Final = 16 * 1024

_END_OF_HEAD: Final = b"\r\n\r\n"
# Of other codings the parser takes none: there is nothing to wait for.
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*\bchunked[ \t]*(?=\r\n)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*0*([0-9]{1,18})", re.IGNORECASE)
_EXPECT: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK_SIZE: Final = re.compile(rb"0*([0-9a-fA-F]{1,15})(?=[ \t;\r])")


class Incoming:
    """The bytes of a request so far.

    Args:
        most_bytes: the largest body that is waited for; a larger one is refused without being read.
    """

    __slots__ = ("_chunk", "_end", "_most_bytes", "body", "complete", "expects", "received")

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        # Where the next chunk begins, or 0, and where the request ends.
        self._chunk = self._end = 0
        self.received = bytearray()
        self.body = 0
        """Where the body begins, or 0 while that is not known."""
        self.complete = False
        """Whether the whole request is there."""
        self.expects = False
        """Whether the client waits to be told to send the body."""

    @property
    def is_alone(self) -> bool:
        """Whether the whole request is there and nothing behind it, as far as that is known."""
        return self.complete and not self._chunk and len(self.received) == self._end

    def add(self, data: bytes) -> bool:
        """Take what came; tells whether there is no reason to wait for more: it is whole, or will be refused."""
        self.received += data
        if not self.body and not self._read_head():
            return len(self.received) > _LONGEST_HEAD
        if self._chunk:
            return self._read_chunks()
        self.complete = len(self.received) >= self._end
        return self.complete or self._end - self.body > self._most_bytes

    def _read_head(self) -> bool:
        received = self.received
        end = received.find(_END_OF_HEAD)
        if end < 0:
            return False
        last_field = end + 2
        chunked = _CHUNKED.search(received, 0, last_field)
        length = _LENGTH.search(received, 0, last_field)
        size = int(length[1]) if length else 0
        if (chunked or size) and (expect := _EXPECT.search(received, 0, last_field)):
            # Told by whoever waits here, and not again by the server.
            start, stop = expect.span()
            del received[start:stop]
            end -= stop - start
            # https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
            self.expects = not received[: received.find(b"\r\n")].endswith(b"HTTP/1.0")
        self.body = end + len(_END_OF_HEAD)
        self._end = self.body + size
        self._chunk = self.body if chunked else 0
        return True

    def _read_chunks(self) -> bool:
        """See https://www.rfc-editor.org/rfc/rfc9112#section-7.1; each chunk is looked at once."""
        received = self.received
        while self._chunk <= len(received):
            line_end = received.find(b"\r\n", self._chunk)
            if line_end < 0:
                return len(received) - self._chunk > _LONGEST_CHUNK_LINE
            size = _CHUNK_SIZE.match(received, self._chunk, line_end + 1)
            if not size:
                return True  # for the parser to refuse
            length = int(size[1], 16)
            if not length:
                self.complete = received.find(_END_OF_HEAD, line_end) >= 0
                return self.complete or len(received) - line_end > _LONGEST_HEAD
            self._chunk = line_end + 2 + length + 2
        return len(received) - self.body > self._most_bytes
