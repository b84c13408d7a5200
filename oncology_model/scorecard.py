"""The scorecard: a classifier that is additive in log-odds, as nine tables that people can read and add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from oncology_model.datamodel import FEATURES, HIGHEST_GRADE, LOWEST_GRADE, MISSABLE
from oncology_model.grades import CODES, LOWEST_CODES, MISSING, Codes, draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_Code = TypeVar("_Code", int, Codes)

TOLERANCE: Final = 1e-12
"""The largest difference in probability between a scorecard and the estimator it was derived from."""

LARGEST_LOG_ODDS: Final = 70
"""Of an entry or the intercept: far beyond any certainty, and ten of them still neither overflow nor vanish as odds."""

DRAWN_TUMORS: Final = 10_000
"""How many drawn tumours, beside the training data, a scorecard is proven on."""


# What falls by less is rounding: the tables are told from probabilities.
_NOISE: Final = 1e-9

LogOdds = Annotated[float, Field(ge=-LARGEST_LOG_ODDS, le=LARGEST_LOG_ODDS)]


class Probabilities(Protocol):
    """Whatever tells the probability of malignancy of many tumours."""

    def probabilities(self, codes: Codes) -> NDArray[np.float64]:
        """Map codes to n probabilities."""


class NotAdditiveError(ValueError):
    """The estimator is no sum of one function of each measurement in log-odds, so no scorecard reproduces it."""


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


def _one_measurement_varied() -> Codes:
    """The tumour closest to benign, then for each measurement a tumour for each of its codes, else the same."""
    # Probabilities are small there, which is where floating point tells their log-odds best.
    base = np.full(len(FEATURES), LOWEST_GRADE, dtype=np.int16)
    feature, code = np.divmod(np.arange(len(FEATURES) * CODES), CODES)
    varied = np.tile(base, (len(feature), 1))
    varied[np.arange(len(feature)), feature] = np.maximum(code, LOWEST_CODES[feature])
    return np.vstack([base, varied])


@np.errstate(divide="ignore", invalid="ignore")
def _centred(
    probabilities: NDArray[np.float64], training: NDArray[np.integer[Any]]
) -> tuple[float, NDArray[np.float64]]:
    """Intercept and tables, not finite where a probability is 0 or 1, from the answers to the varied tumours."""
    log_odds = np.log(probabilities) - np.log1p(-probabilities)
    tables = log_odds[1:].reshape(len(FEATURES), CODES) - log_odds[0]
    means = np.array([table[column].mean() for table, column in zip(tables, training.T, strict=True)])
    return float(log_odds[0] + means.sum()), tables - means[:, np.newaxis]


def derive(estimator: Probabilities, threshold: float, training: NDArray[np.integer[Any]]) -> Scorecard:
    """Derive the tables from a fitted estimator, whatever it is, and prove that they reproduce it.

    Args:
        estimator: gives probabilities; it is asked, never looked into.
        threshold: the probability from which a tumour is called malignant.
        training: codes of the training data, on which the tables are centred.

    Raises:
        NotAdditiveError: the estimator is not additive in log-odds.
    """
    intercept, tables = _centred(estimator.probabilities(_one_measurement_varied()), training)
    if not (np.abs([intercept, *tables.flat]) <= LARGEST_LOG_ODDS).all():
        raise NotAdditiveError("the estimator gives probabilities too close to 0 or 1 to tell their log-odds")
    scorecard = Scorecard(
        intercept=intercept,
        tables={
            feature: [None if code == MISSING and feature not in MISSABLE else entry for code, entry in enumerate(row)]
            for feature, row in zip(FEATURES, tables.tolist(), strict=True)
        },
    )
    prove(scorecard, estimator, threshold, training)
    return scorecard


def prove(
    scorecard: Scorecard, estimator: Probabilities, threshold: float, training: NDArray[np.integer[Any]]
) -> float:
    """Prove that scorecard and estimator agree on the training data and on 10,000 drawn tumours.

    Returns:
        The largest difference in probability, at most ``TOLERANCE``.

    Raises:
        NotAdditiveError: they differ by more, or in any class.
    """
    codes = np.vstack([training.astype(np.int16), draw(DRAWN_TUMORS, seed=0)])
    expected = estimator.probabilities(codes)
    found = ScorecardScorer(scorecard).probabilities(codes)
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE:
        raise NotAdditiveError(f"scorecard and estimator differ by up to {difference:.2g} in probability")
    differing = int(np.count_nonzero((found >= threshold) != (expected >= threshold)))
    if differing:
        raise NotAdditiveError(f"scorecard and estimator put {differing} of {len(codes)} tumours in different classes")
    return difference
