"""Derives a scorecard from any estimator that is additive in log-odds, and proves that it says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from oncology_model.datamodel import FEATURES, LOWEST_GRADE, MISSABLE
from oncology_model.grades import CODES, LOWEST_CODES, MISSING, Codes, draw
from oncology_model.scorecard import LARGEST_LOG_ODDS, Scorecard, ScorecardScorer

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE: Final = 1e-12
"""The largest difference in probability between a scorecard and the estimator it was derived from."""

DRAWN_TUMORS: Final = 10_000
"""How many drawn tumours, beside the training data, a scorecard is proven on."""


class Probabilities(Protocol):
    """Whatever tells the probability of malignancy of many tumours."""

    def probabilities(self, codes: Codes) -> NDArray[np.float64]:
        """Map codes to n probabilities."""


class NotAdditiveError(ValueError):
    """The estimator is no sum of one function of each measurement in log-odds, so no scorecard reproduces it."""


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
