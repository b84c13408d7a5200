"""Figures that say how good predictions are, each with an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

import numpy as np

from trainer.evaluation import pooled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.dataset import Dataset
    from trainer.evaluation import Arrival, Evaluation, Predictions
    from trainer.selection import Plan

RESAMPLES: Final = 1000
_BINS: Final = 10


class Interval(TypedDict):
    """A figure and its 95 % interval; null where there are too few samples of a class to compute it from."""

    value: float | None
    low: float | None
    high: float | None


def figures(
    y: NDArray[np.intp],
    probability: NDArray[np.float64],
    malignant: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """All figures of one set of predictions, for many weightings of its samples at once.

    Args:
        y: 1 for malignant, shape (n,).
        probability: of malignancy, shape (n,).
        malignant: whether the threshold was reached, shape (n,).
        weights: how often each sample counts, shape (w, n).

    Returns:
        Each of shape (w,). ``accuracy`` is at probability 0.5; ``accuracy_at_threshold``, ``sensitivity`` and
        ``specificity`` are at the threshold. A figure is NaN where it needs a class that is absent.
    """
    positive, negative = weights * (y == 1), weights * (y == 0)
    per_sample = {
        "accuracy": (weights, (probability >= 0.5) == y),  # noqa: PLR2004
        "accuracy_at_threshold": (weights, malignant == y),
        "sensitivity": (positive, malignant),
        "specificity": (negative, ~malignant),
        "brier_score": (weights, (probability - y) ** 2),
        "log_loss": (weights, -np.log(np.where(y == 1, probability, 1 - probability))),
    }
    with np.errstate(invalid="ignore"):
        return {
            **{name: of @ value / of.sum(axis=1) for name, (of, value) in per_sample.items()},
            "roc_auc": _roc_auc(probability, positive, negative),
            "expected_calibration_error": _expected_calibration_error(y, probability, weights),
        }


def _roc_auc(
    probability: NDArray[np.float64], positive: NDArray[np.float64], negative: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The share of pairs in which the malignant sample has the higher probability; a tie counts half.

    J. A. Hanley and B. J. McNeil, Radiology 143 (1982), 29-36. scikit-learn's function takes one weighting a call,
    which would make the bootstrap as slow as the training.
    """
    order = np.argsort(probability)
    _, starts = np.unique(probability[order], return_index=True)
    above = np.add.reduceat(positive[:, order], starts, axis=1)
    below = np.add.reduceat(negative[:, order], starts, axis=1)
    lower = below.cumsum(axis=1) - below / 2
    area: NDArray[np.float64] = (above * lower).sum(axis=1) / (above.sum(axis=1) * below.sum(axis=1))
    return area


def _expected_calibration_error(
    y: NDArray[np.intp], probability: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean distance of the share of malignant samples from their mean probability, over ten equal bins of it.

    M. P. Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015, equation 3.
    """
    bins = np.minimum((probability * _BINS).astype(np.intp), _BINS - 1)
    distances = weights @ (np.eye(_BINS)[bins] * (y - probability)[:, np.newaxis])
    error: NDArray[np.float64] = np.abs(distances).sum(axis=1) / weights.sum(axis=1)
    return error


def intervals(data: Dataset, predictions: Predictions, seed: int) -> dict[str, Interval]:
    """All figures, means over the repeats, with 95 % percentile intervals by bootstrap over patients.

    B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Patients, not samples, are
    drawn, because the samples of one patient resemble each other.
    """
    y = data.y[predictions.rows]
    names, patient = np.unique(data.patients[predictions.rows], return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    weights = np.vstack([np.ones(len(y)), drawn[:, patient]])
    repeats = zip(predictions.probability, predictions.malignant, strict=True)
    each = [figures(y, probability, malignant, weights) for probability, malignant in repeats]
    return {name: _interval(np.mean([found[name] for found in each], axis=0)) for name in each[0]}


def _interval(found: NDArray[np.float64]) -> Interval:
    """The figure itself comes first, then the resampled ones."""
    value, low, high = (None if np.isnan(x) else float(x) for x in (found[0], *np.percentile(found[1:], [2.5, 97.5])))
    return {"value": value, "low": low, "high": high}


def confusion_matrix(data: Dataset, predictions: Predictions) -> dict[str, int]:
    """Counts at the threshold; with r repeats each sample counts r times."""
    truth = np.broadcast_to(data.y[predictions.rows] == 1, predictions.malignant.shape)
    called = predictions.malignant
    return {
        "true_malignant": int((truth & called).sum()),
        "false_benign": int((truth & ~called).sum()),
        "true_benign": int((~truth & ~called).sum()),
        "false_malignant": int((~truth & called).sum()),
    }


def summarize(data: Dataset, evaluation: Evaluation, plan: Plan) -> dict[str, Any]:
    """What ``metrics.json`` and the manifest say of an evaluation."""
    selection = evaluation.selection
    temporal = pooled(evaluation.temporal)
    return {
        "samples": {
            "total": len(data.y),
            "patients": len(np.unique(data.patients)),
            "malignant": int(data.y.sum()),
            "missing_bare_nuclei": int(data.X["bare_nuclei"].isna().sum()),
        },
        "nested": {
            "repeats": len(evaluation.nested.probability),
            **intervals(data, evaluation.nested, plan.seed),
            "confusion_matrix": confusion_matrix(data, evaluation.nested),
            "chosen": {name: evaluation.chosen.count(name) for name in sorted(set(evaluation.chosen))},
        },
        "temporal": {
            **intervals(data, temporal, plan.seed),
            "confusion_matrix": confusion_matrix(data, temporal),
            "groups": [_arrival_summary(data, arrival) for arrival in evaluation.temporal],
        },
        "candidates": [
            {
                "name": score.candidate.name,
                "complexity": score.candidate.complexity,
                "log_loss": score.log_loss,
                "standard_error": score.standard_error,
                "chosen": score.candidate.name == selection.candidate.name,
            }
            for score in selection.scores
        ],
        "chosen": selection.candidate.name,
        "target_sensitivity": plan.target_sensitivity,
        "threshold": selection.threshold,
    }


def _arrival_summary(data: Dataset, arrival: Arrival) -> dict[str, Any]:
    predictions = arrival.predictions
    y = data.y[predictions.rows]
    found = figures(y, predictions.probability[0], predictions.malignant[0], np.ones((1, len(y))))
    return {
        "group": arrival.group,
        "trained_on": arrival.trained_on,
        "tested_on": len(y),
        "malignant": int(y.sum()),
        **{name: None if np.isnan(value[0]) else float(value[0]) for name, value in found.items()},
    }
