"""Reads the training data from CSV and refuses it, with every reason at once, where it is not what it should be."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pandera.pandas as pa

from oncology_model.artifact import sha256
from oncology_model.datamodel import FEATURES, MISSABLE, Prediction
from oncology_model.grades import CODES, MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATIENT: Final = "sample_code_number"
CLASS: Final = "class"
COLUMNS: Final = (PATIENT, *FEATURES, CLASS)

_GRADE: Final = r"(?:10|[1-9])"
_LISTED_LINES: Final = 20

_PATTERNS: Final = {
    PATIENT: (r"\d+", "a patient's number"),
    **dict.fromkeys(FEATURES, (_GRADE, "a grade from 1 to 10")),
    **dict.fromkeys(MISSABLE, (rf"(?:{_GRADE}|\?)?", "a grade from 1 to 10, ? or empty")),
    CLASS: (r"[24]", "a class: 2 (benign) or 4 (malignant)"),
}

_SCHEMA: Final = pa.DataFrameSchema(
    {
        column: pa.Column(str, pa.Check.str_matches(rf"\A{pattern}\Z", error=f"is not {meaning}"), nullable=False)
        for column, (pattern, meaning) in _PATTERNS.items()
    },
    strict=True,
)


class DatasetError(ValueError):
    """The training data must not be used.

    Attributes:
        problems: every reason, in words that name lines and kinds of values, and never a value.
    """

    def __init__(self, source: str, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join([f"{source} cannot be trained on:", *(f"  - {problem}" for problem in problems)]))


@dataclass(frozen=True, slots=True)
class Dataset:
    """Checked training data of n samples."""

    X: pd.DataFrame
    """Shape (n, 9): grades as floats, NaN where missing."""
    y: NDArray[np.intp]
    """Shape (n,): 1 for malignant, 0 for benign."""
    patients: NDArray[np.str_]
    """Shape (n,): several samples may come from one patient."""
    digest: str
    """SHA-256 of the file."""

    @property
    def codes(self) -> NDArray[np.intp]:
        """Shape (n, 9): as :mod:`oncology_model.grades` codes them."""
        return np.asarray(self.X.fillna(MISSING), dtype=np.intp)

    def distribution(self) -> dict[str, list[int]]:
        """By measurement, how many samples have each of ``[missing, 1, 2, … 10]``."""
        counts = (np.bincount(column, minlength=CODES).tolist() for column in self.codes.T)
        return dict(zip(FEATURES, counts, strict=True))


def parse(content: bytes, source: str, *, least_patients: int = 1) -> Dataset:
    """Read and check a CSV file's content.

    Args:
        content: the file, UTF-8, with a header row; columns in any order; ``?`` or nothing for a missing measurement.
        source: what to call the file in messages.
        least_patients: how many patients of each class there must be.

    Raises:
        DatasetError: names all that is wrong, by line and kind of value.
    """
    header, rows = _read_rows(content, source)
    whole = {line: row for line, row in rows.items() if len(row) == len(header)}
    table = pd.DataFrame(whole.values(), index=list(whole), columns=header, dtype=str)
    problems = [
        *_header_problems(header),
        *_length_problems(rows, len(header)),
        *_value_problems(table.loc[:, [column in COLUMNS for column in header] & ~table.columns.duplicated()]),
    ]
    if problems:
        raise DatasetError(source, problems)
    malignant = table[CLASS].map(lambda code: Prediction.from_class(int(code)) is Prediction.MALIGNANT)
    if problems := _class_problems(table[PATIENT], malignant, least_patients):
        raise DatasetError(source, problems)
    return Dataset(
        X=table[list(FEATURES)].replace({"?": np.nan, "": np.nan}).astype(float).reset_index(drop=True),
        y=malignant.to_numpy(dtype=np.intp),
        patients=table[PATIENT].to_numpy(dtype=np.str_),
        digest=sha256(content),
    )


def _read_rows(content: bytes, source: str) -> tuple[list[str], dict[int, list[str]]]:
    """The header, and the other rows by line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(source, [f"it is not UTF-8 (byte {error.start}): save it as UTF-8"]) from error
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        rows = dict((reader.line_num, row) for row in reader if row)  # noqa: C402 - line_num grows as it reads
    except csv.Error as error:
        raise DatasetError(source, [f"it is not CSV (line {reader.line_num}: {error})"]) from error
    if not rows:
        raise DatasetError(source, ["it is empty: a header row and samples are expected"])
    return rows.pop(min(rows)), rows


def _header_problems(header: list[str]) -> list[str]:
    # Where a file has lost its header, or a piece of it, a patient's values stand there: only names of ours are told.
    return [
        *(f"the header lacks the column {column!r}" for column in COLUMNS if column not in header),
        *(f"the header's column {place} is unknown" for place, name in enumerate(header, 1) if name not in COLUMNS),
        *(f"the header has more than once the column {column!r}" for column in COLUMNS if header.count(column) > 1),
    ]


def _length_problems(rows: dict[int, list[str]], columns: int) -> list[str]:
    lines: dict[int, list[int]] = defaultdict(list)
    for line, row in rows.items():
        lines[len(row)].append(line)
    lines.pop(columns, None)
    return [
        f"{_lines(numbers)}: {values} values where the header has {columns} columns"
        for values, numbers in lines.items()
    ]


def _value_problems(table: pd.DataFrame) -> list[str]:
    try:
        _SCHEMA.select_columns(list(table.columns)).validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases.assign(kind=error.failure_cases["failure_case"].map(_kind)).sort_values("index")
        grouped = cases.groupby(["column", "check", "kind"], sort=False)["index"]
        return [f"{_lines(lines.tolist())}: {column} {check}, but {kind}" for (column, check, kind), lines in grouped]
    return []


def _class_problems(patients: pd.Series[str], malignant: pd.Series[bool], least: int) -> list[str]:
    counts = {
        Prediction.BENIGN: patients[~malignant].nunique(),
        Prediction.MALIGNANT: patients[malignant].nunique(),
    }
    return [
        f"{count} patients have {prediction.value} samples, and at least {least} are needed"
        for prediction, count in counts.items()
        if count < least
    ]


def _kind(value: str) -> str:
    """What kind of value this is, without saying the value."""
    if not value.strip():
        return "empty"
    try:
        number = float(value)
    except ValueError:
        return "text"
    if not np.isfinite(number):
        return "not a finite number"
    return "a number out of range" if number.is_integer() else "a fraction"


def _lines(lines: list[int]) -> str:
    listed = ", ".join(map(str, lines[:_LISTED_LINES]))
    more = f" and {len(lines) - _LISTED_LINES} more" if len(lines) > _LISTED_LINES else ""
    return f"line{'s' if len(lines) > 1 else ''} {listed}{more}"
