"""Many tumours at once, checked by the one definition of what is valid: every wrong cell is told by row and name."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from oncology_model.datamodel import FEATURES, HIGHEST_GRADE, LOWEST_GRADE, Tumor, field_errors, valid_values
from oncology_model.grades import LOWEST_CODES, codes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

NO_GRADE: Final = 255
"""Stands in a matrix of grades for whatever is none."""

WHOLE_ROW: Final = ""
"""The name under which a row is wrong that has no fields."""

# pydantic makes an error of every strange field.
_MOST_FIELDS: Final = 100
_NO_TUMOR: Final = f"must be an object with the fields {', '.join(FEATURES)}"
_PLACEHOLDER: Final = (LOWEST_GRADE,) * len(FEATURES)

_tumor = TypeAdapter(Tumor)


@dataclass(frozen=True, slots=True)
class Table:
    """n tumours, and what is wrong with some of them."""

    matrix: NDArray[np.uint8]
    """Shape (n, 9), in the order of ``FEATURES``, 0 where missing. All rows can be assessed: wrong ones hold 1s."""

    errors: dict[int, dict[str, str]] = field(default_factory=dict)
    """What is wrong with which field, by row from 0; never with a value."""


def as_table(objects: Sequence[object]) -> Table:
    """Check tumours that came as dictionaries, each as :class:`Tumor` would."""
    errors: dict[int, dict[str, str]] = {}
    rows = [_codes(row, value, errors) for row, value in enumerate(objects)]
    return Table(np.array(rows, dtype=np.uint8).reshape(-1, len(FEATURES)), errors)


def _codes(row: int, value: object, errors: dict[int, dict[str, str]]) -> tuple[int, ...]:
    if not isinstance(value, dict) or len(value) > _MOST_FIELDS:
        errors[row] = {WHOLE_ROW: _NO_TUMOR}
        return _PLACEHOLDER
    try:
        return codes_of(_tumor.validate_python(value))
    except ValidationError as error:
        errors[row] = field_errors(error)
        return _PLACEHOLDER


def from_columns(columns: Iterable[bytes], missing: str = "null") -> Table:
    """Check tumours that came as columns of codes.

    Args:
        columns: of each measurement the codes of n tumours, 0 where missing and above the highest grade where wrong.
        missing: how a missing measurement is written, for the messages.
    """
    codes = np.frombuffer(b"".join(columns), dtype=np.uint8).reshape(len(FEATURES), -1)
    wrong = (codes < LOWEST_CODES[:, np.newaxis]) | (codes > HIGHEST_GRADE)
    if not wrong.any():
        return Table(codes.T)
    errors: dict[int, dict[str, str]] = {}
    for row, column in zip(*(where.tolist() for where in np.nonzero(wrong.T)), strict=True):
        errors.setdefault(row, {})[FEATURES[column]] = _message(FEATURES[column], missing)
    return Table(np.where(wrong.any(axis=0), LOWEST_GRADE, codes).astype(np.uint8).T, errors)


@cache
def _message(feature: str, missing: str) -> str:
    return valid_values(feature, missing)
