"""Grades as numbers: the codes 1 to 10, and 0 for a missing one, that index a scorecard's tables."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np

from oncology_model.datamodel import FEATURES, HIGHEST_GRADE, LOWEST_GRADE, MISSABLE, Tumor, valid_values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame

Codes: TypeAlias = "NDArray[np.int16]"
"""Codes of n tumours, shape (n, 9)."""

MISSING: Final = 0
CODES: Final = HIGHEST_GRADE + 1
"""How many codes a measurement has: missing, and ten grades."""

MISSABLE_MASK: Final = np.array([feature in MISSABLE for feature in FEATURES])

LOWEST_CODES: Final = np.where(MISSABLE_MASK, MISSING, LOWEST_GRADE)
"""The lowest valid code of each measurement."""

_NO_CODE: Final = -1
# A wholly wrong file must not become a message as long as the file.
_LISTED_ERRORS: Final = 100

_measurements = attrgetter(*FEATURES)


class InvalidGradesError(ValueError):
    """Some cells of a table of tumours are no grades.

    Attributes:
        cells: the first hundred as (row from 0, measurement).
        count: how many there are.
    """

    def __init__(self, cells: list[tuple[int, str]], count: int) -> None:
        self.cells = cells
        self.count = count
        listed = "; ".join(f"row {row}: {feature} {valid_values(feature)}" for row, feature in cells)
        more = f"; and {count - len(cells)} more" if count > len(cells) else ""
        super().__init__(listed + more)


def codes_of(tumor: Tumor) -> tuple[int, ...]:
    """The nine codes of one tumour."""
    return tuple(grade or MISSING for grade in _measurements(tumor))


def as_matrix(tumors: ArrayLike | DataFrame) -> NDArray[np.number[Any]]:
    """Tumours as a numeric array of shape (n, 9), its values not yet checked.

    Args:
        tumors: array-like of shape (n, 9) in the order of ``FEATURES``, a missing measurement being 0 among integers
            and NaN among floats; or a pandas DataFrame with the nine columns, in any order and among others, a
            missing measurement being whatever pandas calls so.

    Raises:
        ValueError: it has another shape, lacks a column, or is not numeric.
    """
    # Known by its columns, so that pandas is needed only by those who have it.
    matrix = _frame_to_matrix(cast("DataFrame", tumors)) if hasattr(tumors, "columns") else np.asarray(tumors)
    if matrix.ndim != 2 or matrix.shape[1] != len(FEATURES):  # noqa: PLR2004
        raise ValueError(f"tumours must have the shape (n, {len(FEATURES)}), not {matrix.shape}")
    if matrix.dtype.kind not in "iuf":
        raise ValueError(f"grades must be integers or floats, not {matrix.dtype}")
    return matrix


def _frame_to_matrix(frame: DataFrame) -> NDArray[np.float64]:
    absent = [feature for feature in FEATURES if feature not in frame.columns]
    if absent:
        raise ValueError(f"the table lacks the columns {', '.join(absent)}")
    measurements = frame[list(FEATURES)]
    textual = measurements.columns.difference(measurements.select_dtypes("number").columns)
    if len(textual):
        raise ValueError(f"the columns {', '.join(textual)} must be numeric")
    return measurements.to_numpy(dtype=np.float64, na_value=np.nan)


def encode(matrix: NDArray[np.number[Any]]) -> Codes:
    """The codes of a matrix from :func:`as_matrix`, shape (n, 9), each measurement contiguous in memory.

    Raises:
        InvalidGradesError: names the cells that are no grade.
    """
    # numpy's loops run along the last axis, and nine cells are too few for them to be fast.
    measurements = np.ascontiguousarray(matrix.T)
    codes = _from_floats(measurements) if measurements.dtype.kind == "f" else measurements
    # Extremes are several times faster than comparing cell by cell, and nearly always enough.
    if codes.size and ((codes.min(axis=1) < LOWEST_CODES).any() or codes.max() > HIGHEST_GRADE):
        raise _invalid_grades((codes < LOWEST_CODES[:, np.newaxis]) | (codes > HIGHEST_GRADE))
    return codes.astype(np.int16, copy=False).T


def _from_floats(measurements: NDArray[np.number[Any]]) -> NDArray[np.int16]:
    """The grades as codes, NaN as missing, and anything else as no code."""
    with np.errstate(invalid="ignore"):  # what does not fit comes out unequal
        codes = measurements.astype(np.int16)
    codes[(codes != measurements) | (codes == MISSING)] = _NO_CODE
    codes[np.isnan(measurements)] = MISSING
    return codes


def _invalid_grades(wrong: NDArray[np.bool_]) -> InvalidGradesError:
    rows, columns = np.nonzero(wrong.T)
    listed = zip(rows[:_LISTED_ERRORS].tolist(), columns[:_LISTED_ERRORS].tolist(), strict=True)
    return InvalidGradesError([(row, FEATURES[column]) for row, column in listed], len(rows))


def decode(codes: Codes) -> NDArray[np.float64]:
    """Codes as an estimator wants them: floats, missing ones NaN."""
    return np.where(codes == MISSING, np.nan, codes)


def draw(count: int, seed: int) -> Codes:
    """Draw valid codes uniformly, shape (count, 9)."""
    generator = np.random.default_rng(seed)
    size = (count, len(FEATURES))
    return generator.integers(LOWEST_CODES, HIGHEST_GRADE, size, dtype=np.int16, endpoint=True)
