"""Cuts a CSV file of any size into its header and blocks of whole rows, as they were written."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from oncology_model.scoring.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_LF: Final = ord("\n")
_CR: Final = ord("\r")
_QUOTE: Final = ord('"')
_COMMA: Final = ord(",")

# Some 20,000 rows, whose arrays stay in the processor's cache.
_BLOCK_BYTES: Final = 1 << 20
# No table of tumours comes near: what does is a quote that is never closed, or no table.
_LONGEST_ROW: Final = 1 << 24
_MOST_COLUMNS: Final = 10_000


class Stream(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""


class CsvBlocks:
    """A CSV file: its header at once, and its rows block by block.

    Raises:
        TableError: there is no header that could be one of a table.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._offset = 0
        self._rest = b""
        self.written_header = self._take_header()
        """As it stands in the file, without the line's end, a byte order mark included."""
        self.header = _cells(self.written_header)

    def _take_header(self) -> bytes:
        while not len(ends := row_ends(self._rest)):
            chunk = self._stream.read(_BLOCK_BYTES)
            if not chunk:
                break
            self._rest += chunk
            _refuse_longest(self._rest)
        if not self._rest:
            raise TableError("it is empty: a header row is expected")
        end = int(ends[0]) if len(ends) else len(self._rest)
        header, self._rest = self._rest[:end], self._rest[end:]
        self._check_text(header)
        return header

    def __iter__(self) -> Iterator[bytes]:
        """The rows in blocks, each row led by the line's end before it; the last block may be a line's end alone.

        Raises:
            TableError: the text is not UTF-8, or a quote is never closed.
        """
        more = True
        while more:
            chunk = self._stream.read(_BLOCK_BYTES)
            more = bool(chunk)
            data = self._rest + chunk
            cut = _last_end(data)
            block, self._rest = data[:cut], data[cut:]
            _refuse_longest(self._rest)
            if block:
                self._check_text(block)
                yield block
        if self._rest.count(b'"') % 2:
            raise TableError("a quote is never closed: correct the quotes in it")
        self._check_text(self._rest)
        yield self._rest

    def _check_text(self, data: bytes) -> None:
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError as error:
                at = self._offset + error.start
                raise TableError(f"the text is not UTF-8 (byte {at}): save it as UTF-8") from None
        self._offset += len(data)


def row_ends(data: bytes) -> NDArray[np.intp]:
    """Where rows end: the positions of the line ends, LF or CR LF, that are not within quotes.

    Args:
        data: begins outside quotes.
    """
    content = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(content == _LF)
    if b'"' in data:
        before = np.searchsorted(np.flatnonzero(content == _QUOTE), ends)
        ends = ends[before % 2 == 0]
    return ends - ((content[ends - 1] == _CR) & (ends > 0)) if b"\r" in data else ends


def has_plain_quotes(block: bytes) -> bool:
    """Whether every quote begins or ends a cell, or is one of two within a cell that is quoted itself.

    Args:
        block: rows, led by a line's end.
    """
    if b'"' not in block:
        return True
    content = np.frombuffer(block, dtype=np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    before = content[quotes[::2] - 1]
    after = content[np.minimum(quotes[1::2] + 1, len(content) - 1)]
    return bool(np.isin(before, (_COMMA, _LF, _QUOTE)).all() and np.isin(after, (_COMMA, _CR, _LF, _QUOTE)).all())


def _last_end(data: bytes) -> int:
    if b'"' in data:
        ends = row_ends(data)
        return int(ends[-1]) if len(ends) else 0
    last = max(data.rfind(b"\n"), 0)
    return last - 1 if last and data[last - 1] == _CR else last


def _refuse_longest(row: bytes) -> None:
    if len(row) > _LONGEST_ROW:
        raise TableError(
            f"a row is longer than {_LONGEST_ROW:,} bytes: is a quote never closed, or is this no CSV with line ends?"
        )


def _cells(header: bytes) -> list[str]:
    try:
        [cells] = csv.reader([header.decode("utf-8-sig")], strict=True)
    except csv.Error as error:
        raise TableError(f"the header is not CSV ({error})") from None
    if len(cells) > _MOST_COLUMNS:
        raise TableError(f"the header has {len(cells):,} columns: at most {_MOST_COLUMNS:,} are read")
    return cells
