"""Scores CSV: every row stays as it was written, byte for byte, and the new cells follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from oncology_model import csv_table
from oncology_model.datamodel import FEATURES
from oncology_model.scoring.columns import LABELS, added_columns, numbers, reason
from oncology_model.scoring.csv_blocks import has_plain_quotes, row_ends
from oncology_model.scoring.errors import TableError
from oncology_model.scoring.scored import Scored
from oncology_model.table import from_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncology_model.classifier import Assessments, Classifier

Written: TypeAlias = "bytes | pa.Buffer"
"""Rows as they are written."""

_TEXTS: Final = pa.dictionary(pa.int32(), pa.string())
_COMMA: Final = pa.scalar(b",", pa.binary())
_LABELS: Final = pa.array(LABELS, pa.string()).cast(pa.binary())


class CsvScorer:
    """Scores blocks of a CSV file with one header.

    Raises:
        TableError: the header lacks columns, or has one that will be added.
    """

    def __init__(self, classifier: Classifier, header: Sequence[str], *, explain: bool) -> None:
        if problems := csv_table.header_problems(header, added_columns(explain=explain)):
            raise TableError("; ".join(problems))
        self._classifier = classifier
        self._explain = explain
        # Only the measurements are read, and other columns may have the same name twice.
        self._names = [name if name in FEATURES else str(number) for number, name in enumerate(header)]

    def __call__(self, block: bytes) -> Scored[Written]:
        """Score a block of rows, each led by a line's end as in :class:`CsvBlocks`; rejects are followed by one.

        Raises:
            TableError: quotes or line ends are not those of CSV.
        """
        rows = _rows(block)
        if not len(rows):
            return Scored(block, b"")
        table, reasons = self._parse(block)
        # Quotes within cells can be taken in two ways that give as many rows.
        if len(table) + len(reasons) != len(rows) or not has_plain_quotes(block):
            raise TableError("its rows cannot be told apart: correct quotes within cells, and line ends that are CR")
        read = np.delete(np.arange(len(rows)), list(reasons))
        tumors = from_columns((_codes(table[feature]) for feature in FEATURES), missing="empty")
        reasons |= {int(read[row]): reason(errors) for row, errors in tumors.errors.items()}
        right = np.delete(np.arange(len(read)), list(tumors.errors))
        assessments = self._classifier.assess_many(tumors.matrix[right], explain=self._explain)
        return Scored(
            accepted=_joined(rows.take(pa.array(read[right])) if reasons else rows, assessments),
            rejected=b"".join(_rejected(rows[row].as_py(), reasons[row]) for row in sorted(reasons)),
            rows=len(rows),
            rejects=len(reasons),
        )

    def _parse(self, block: bytes) -> tuple[pa.Table, dict[int, str]]:
        """The measurements as they were written, of the rows that are as long as the header; why others are not."""
        reasons: dict[int, str] = {}

        def skip(row: csv.InvalidRow) -> str:
            reasons[row.number - 1] = f"has {row.actual_columns} cells where the header has {row.expected_columns}"
            return "skip"

        table = csv.read_csv(
            pa.BufferReader(block),
            # One thread, which is what lets it number the rows; other threads have blocks of their own.
            csv.ReadOptions(use_threads=False, block_size=len(block), column_names=self._names),
            csv.ParseOptions(newlines_in_values=b'"' in block, invalid_row_handler=skip),
            csv.ConvertOptions(include_columns=FEATURES, column_types=dict.fromkeys(FEATURES, _TEXTS)),
        )
        return table, reasons


def _rows(block: bytes) -> pa.BinaryArray:
    """The rows, each with the line's end before it; empty ones are left out."""
    starts = row_ends(block)
    offsets = np.append(starts, len(block)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block)]
    rows = pa.Array.from_buffers(pa.binary(), len(starts), buffers)
    lengths = np.diff(offsets)
    # A line's end is of two bytes at most.
    short = np.flatnonzero(lengths <= 2)  # noqa: PLR2004
    empty = [row for row in short.tolist() if not rows[row].as_py().strip(b"\r\n")]
    return rows.take(pa.array(np.delete(np.arange(len(rows)), empty))) if empty else rows


def _codes(column: pa.ChunkedArray) -> bytes:
    values = column.unify_dictionaries().combine_chunks()
    codes = np.frombuffer(csv_table.codes(values.dictionary.to_pylist()), dtype=np.uint8)
    found: bytes = codes[values.indices.to_numpy()].tobytes()
    return found


def _joined(rows: pa.BinaryArray, assessments: Assessments) -> pa.Buffer:
    labels = _LABELS.take(pa.array(assessments.malignant.astype(np.int8)))
    cells = [_text(values, len(rows)) for values in numbers(assessments)]
    joined = pc.binary_join_element_wise(rows, labels, *cells, _COMMA)
    # All rows one after the other are the values' own memory.
    return joined.buffers()[2] if len(joined) else pa.py_buffer(b"")


def _text(values: np.ndarray | float, count: int) -> pa.Array:
    if isinstance(values, float):
        return pa.repeat(pa.scalar(str(values).encode(), pa.binary()), count)
    return pa.array(values).cast(pa.string()).cast(pa.binary())


def _rejected(row: bytes, why: str) -> bytes:
    return why.encode() + b"," + row.lstrip(b"\r\n") + b"\n"
