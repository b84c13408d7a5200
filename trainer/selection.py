"""Chooses a candidate and a threshold by cross-validation on the samples that it is given, and on no others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold

from trainer.candidates import Candidate, candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Plan:
    """How to cross-validate."""

    folds: int = 5
    repeats: int = 2
    seed: int = 0
    target_sensitivity: float = 0.99


@dataclass(frozen=True, slots=True)
class Score:
    """How one candidate did."""

    candidate: Candidate
    log_loss: float
    standard_error: float
    probability: NDArray[np.float64]
    """Shape (repeats, n): out-of-fold probabilities of malignancy."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen, and among what."""

    candidate: Candidate
    threshold: float
    scores: list[Score]
    """The best of each family, in declared order."""


Split: TypeAlias = "tuple[NDArray[np.intp], NDArray[np.intp]]"
"""The samples to train on, and those to test on."""


def splits(y: NDArray[np.intp], patients: NDArray[np.str_], folds: int, seed: int) -> list[Split]:
    """Stratified folds that never put samples of one patient on both sides."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(y, y, patients))


def select(X: NDArray[np.float64], y: NDArray[np.intp], patients: NDArray[np.str_], plan: Plan) -> Selection:
    """Choose the simplest candidate within one standard error of the best log loss, and its threshold.

    The rule is that of L. Breiman et al., Classification and Regression Trees (1984), section 3.4.3. Among
    candidates of equal complexity the one of lower log loss is chosen.

    Args:
        X: grades, shape (n, 9).
        y: 1 for malignant, shape (n,).
        patients: shape (n,).
        plan: folds, repeats, seed and the sensitivity to reach.
    """
    repeats = [splits(y, patients, plan.folds, plan.seed + repeat) for repeat in range(plan.repeats)]
    scores = [_score(candidate, X, y, repeats) for candidate in candidates(plan.seed)]
    families = dict.fromkeys(score.candidate.family for score in scores)
    best_settings = [
        min((score for score in scores if score.candidate.family == family), key=lambda score: score.log_loss)
        for family in families
    ]
    best = min(best_settings, key=lambda score: score.log_loss)
    as_good = [score for score in best_settings if score.log_loss <= best.log_loss + best.standard_error]
    chosen = min(as_good, key=lambda score: (score.candidate.complexity, score.log_loss))
    return Selection(chosen.candidate, choose_threshold(y, chosen.probability, plan.target_sensitivity), best_settings)


def _score(
    candidate: Candidate,
    X: NDArray[np.float64],
    y: NDArray[np.intp],
    repeats: list[list[Split]],
) -> Score:
    probability = np.empty((len(repeats), len(y)))
    losses = np.empty((len(repeats), len(repeats[0])))
    for repeat, folds in enumerate(repeats):
        for fold, (train, test) in enumerate(folds):
            fitted = clone(candidate.estimator).fit(X[train], y[train])
            probability[repeat, test] = fitted.predict_proba(X[test])[:, 1]
            losses[repeat, fold] = log_loss(y[test], probability[repeat, test], labels=[0, 1])
    # Repeats share their samples, so that they narrow the mean of a fold, but do not count as further folds.
    by_fold = losses.mean(axis=0)
    return Score(candidate, float(losses.mean()), float(by_fold.std(ddof=1) / math.sqrt(len(by_fold))), probability)


def choose_threshold(y: NDArray[np.intp], probability: NDArray[np.float64], target_sensitivity: float) -> float:
    """The highest threshold of at most four decimals that promises the target on new samples.

    Of m malignant samples, the ``(m + 1) * (1 - target)`` least suspicious may fall below it, in every repeat: the
    finite-sample correction of split conformal prediction (J. Lei et al., "Distribution-free predictive inference for
    regression", JASA 113 (2018), theorem 2). Without it, new samples reach the target less often than not.

    Args:
        y: shape (n,).
        probability: out of fold, shape (repeats, n).
        target_sensitivity: the share of malignant samples to call so, over 0 and at most 1.
    """
    malignant = np.sort(probability[:, y == 1], axis=1)
    allowed = math.floor((malignant.shape[1] + 1) * (1 - target_sensitivity))
    highest = float(malignant[:, max(allowed - 1, 0)].min())
    return math.floor(highest * 10_000) / 10_000 or highest
