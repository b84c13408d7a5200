"""The scorecard: a classifier that is additive in log-odds, as nine tables that people can read and add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from oncology_model.datamodel import FEATURES, HIGHEST_GRADE, LOWEST_GRADE, MISSABLE
from oncology_model.grades import CODES, MISSING, Codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_Code = TypeVar("_Code", int, Codes)

LARGEST_LOG_ODDS: Final = 70
"""Of an entry or the intercept: far beyond any certainty, and ten of them still neither overflow nor vanish as odds."""

# What falls by less is rounding: the tables are told from probabilities.
_NOISE: Final = 1e-9

LogOdds = Annotated[float, Field(ge=-LARGEST_LOG_ODDS, le=LARGEST_LOG_ODDS)]


class Scorecard(BaseModel):
    """An intercept and, for each measurement, the log-odds that each of its grades adds.

    Every table is centred on its mean over the training data, so that its entries are the contributions themselves
    and the intercept is the mean log-odds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    intercept: LogOdds
    tables: dict[str, list[LogOdds | None]]
    """By measurement, the log-odds of ``[missing, 1, 2, … 10]``; null where a measurement is never missing."""

    @field_validator("tables")
    @classmethod
    def _complete(cls, tables: dict[str, list[float | None]]) -> dict[str, list[float | None]]:
        if tuple(tables) != FEATURES:
            raise ValueError(f"the tables must be those of {', '.join(FEATURES)}")
        for feature, table in tables.items():
            absent = [] if feature in MISSABLE else [MISSING]
            if len(table) != CODES or [code for code, entry in enumerate(table) if entry is None] != absent:
                raise ValueError(f"the table of {feature} must have an entry for each of its values")
        return tables

    def falls(self) -> list[str]:
        """Where a higher grade lowers the probability, in words; empty for a monotone scorecard."""
        return [
            f"{feature}: from grade {grade - 1} to {grade} the log-odds fall by {table[grade - 1] - table[grade]:.3f}"
            for feature, table in self.as_array_by_feature().items()
            for grade in range(LOWEST_GRADE + 1, HIGHEST_GRADE + 1)
            if table[grade] < table[grade - 1] - _NOISE
        ]

    def as_array_by_feature(self) -> dict[str, NDArray[np.float64]]:
        """The tables as arrays of shape (11,), NaN where a measurement is never missing."""
        return {feature: np.array(table, dtype=np.float64) for feature, table in self.tables.items()}


class ScorecardScorer:
    """Scores tumours by look-up, made once from a :class:`Scorecard`.

    One tumour and many give the same probabilities to the last bit, and so always the same class.
    """

    def __init__(self, scorecard: Scorecard) -> None:
        self.intercept = scorecard.intercept
        self._tables = list(scorecard.as_array_by_feature().values())
        self._lists = [table.tolist() for table in self._tables]
        # What is added in log-odds is multiplied in odds, and what is looked up needs no exponential: odds of being
        # benign, by three grades at a time, since three look-ups are faster than nine and 11 x 11 x 11 odds still
        # fit in the processor's cache.
        sums = [_sums_of_three(*self._tables[first : first + 3]) for first in (0, 3, 6)]
        sums[0] += self.intercept
        self._odds = [np.exp(-table) for table in sums]
        self._odds_lists: list[list[float]] = [table.tolist() for table in self._odds]

    def probability(self, codes: Sequence[int]) -> float:
        """Probability of malignancy of one tumour."""
        a, b, c, d, e, f, g, h, i = codes
        first, second, third = self._odds_lists
        return 1 / (1 + first[_index(a, b, c)] * second[_index(d, e, f)] * third[_index(g, h, i)])

    def contributions(self, codes: Sequence[int]) -> list[float]:
        """What each measurement of one tumour adds to the intercept, in log-odds."""
        return [table[code] for table, code in zip(self._lists, codes, strict=True)]

    def probabilities(self, codes: Codes) -> NDArray[np.float64]:
        """Probability of malignancy of many tumours."""
        indices = _index(codes[:, 0::3], codes[:, 1::3], codes[:, 2::3])
        first, second, third = (odds.take(index) for odds, index in zip(self._odds, indices.T, strict=True))
        probabilities: NDArray[np.float64] = 1 / (1 + first * second * third)
        return probabilities

    def contributions_of_many(self, codes: Codes) -> NDArray[np.float64]:
        """As :meth:`contributions`, of many tumours: shape (n, 9)."""
        return np.stack([table.take(column) for table, column in zip(self._tables, codes.T, strict=True)], axis=1)


def _sums_of_three(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.add.outer(np.add.outer(a, b), c).ravel()


def _index(a: _Code, b: _Code, c: _Code) -> _Code:
    return (a * CODES + b) * CODES + c
