"""Tumours in CSV: a header row, the nine columns in any order and among others, UTF-8, separated by commas."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oncology_model.datamodel import FEATURES, HIGHEST_GRADE, LOWEST_GRADE
from oncology_model.grades import MISSING
from oncology_model.table import NO_GRADE, Table, from_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MISSING_TEXTS: Final = ("", "?")
"""How CSV writes a missing measurement; the data set itself has ``?``."""

CODE_BY_TEXT: Final = {str(grade): grade for grade in range(LOWEST_GRADE, HIGHEST_GRADE + 1)} | dict.fromkeys(
    MISSING_TEXTS, MISSING
)

_LISTED_ROWS: Final = 20


class CsvError(ValueError):
    """The text is no table of tumours: the message says all that is wrong with it, and quotes none of it."""


@dataclass(frozen=True, slots=True)
class Csv:
    """A table as it was written."""

    header: list[str]
    rows: list[list[str]]
    """Each as long as the header."""
    tumors: Table
    has_header: bool = True
    """Whether the header was written; else it is the nine measurements."""


def parse(
    content: bytes, *, most_rows: int | None = None, reserved: Collection[str] = (), needs_header: bool = True
) -> Csv | None:
    """Read and check CSV.

    Args:
        content: UTF-8, a byte order mark being ignored, with a header row.
        most_rows: how many rows to read at most; all by default.
        reserved: names that no column may have, because they will be added.
        needs_header: else a first row without letters is one of nine measurements, in the order of ``FEATURES``, and
            so are all others.

    Returns:
        The table, or None where it has more than ``most_rows`` rows.

    Raises:
        CsvError: it is no such table. Wrong cells are no such error: see :class:`Table`.
    """
    header, rows = _read(content, most_rows)
    has_header = needs_header or any(map(str.isalpha, "".join(header)))
    if not has_header and header:
        header, rows = list(FEATURES), [header, *rows]
    if problems := header_problems(header, reserved) or _length_problems(header, rows):
        raise CsvError("; ".join(problems))
    if most_rows is not None and len(rows) > most_rows:
        return None
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    measured = (codes(columns[header.index(feature)]) for feature in FEATURES)
    return Csv(header, rows, from_columns(measured, missing="empty"), has_header)


def _read(content: bytes, most_rows: int | None) -> tuple[list[str], list[list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvError(f"the text is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = (row for row in reader if row)
    try:
        header = next(lines, [])
        return header, list(itertools.islice(lines, None if most_rows is None else most_rows + 1))
    except csv.Error as error:
        # The module's messages tell what is wrong in general, such as "unexpected end of data".
        raise CsvError(f"the text is not CSV (line {reader.line_num}: {error})") from None


def header_problems(header: Sequence[str], reserved: Collection[str] = ()) -> list[str]:
    """Say in words what is wrong with a table's header, without quoting it."""
    if not any(feature in header for feature in FEATURES):
        hint = "; is another separator used?" if any(mark in "".join(header) for mark in ";\t|") else ""
        return [f"the first row must be a header with the columns {', '.join(FEATURES)}, separated by commas{hint}"]
    return [f"the header {problem}" for problem in column_problems(header, reserved)]


def column_problems(names: Sequence[str], reserved: Collection[str] = ()) -> list[str]:
    """Say in words what is wrong with the columns of a table, of whatever form."""
    said = {
        "lacks": [feature for feature in FEATURES if feature not in names],
        "has more than once": [feature for feature in FEATURES if names.count(feature) > 1],
        "already has": [name for name in reserved if name in names],
    }
    return [f"{what} {', '.join(found)}" for what, found in said.items() if found]


def _length_problems(header: list[str], rows: list[list[str]]) -> list[str]:
    wrong = [number for number, row in enumerate(rows) if len(row) != len(header)]
    if not wrong:
        return []
    listed = ", ".join(map(str, wrong[:_LISTED_ROWS]))
    more = f" and {len(wrong) - _LISTED_ROWS} more" if len(wrong) > _LISTED_ROWS else ""
    return [f"not as many cells as the {len(header)} columns, counting rows from 0: row {listed}{more}"]


def codes(column: Sequence[str]) -> bytes:
    """The codes of grades as CSV writes them, ``NO_GRADE`` for what is none."""
    try:
        return bytes(map(CODE_BY_TEXT.__getitem__, column))
    except KeyError:
        return bytes(CODE_BY_TEXT.get(text.strip(), NO_GRADE) for text in column)
