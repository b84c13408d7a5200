"""Evaluates the whole procedure, choice of model and threshold included, on patients that it has not seen."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn import config_context
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from trainer.selection import Plan, Selection, select, splits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trainer.dataset import Dataset
    from trainer.selection import Split

# Of data/breast_cancer.csv; the file's README names the dates.
BUNDLED_ARRIVALS: Final = (367, 70, 31, 17, 48, 49, 31, 86)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the procedure said of samples that it was not trained on."""

    rows: NDArray[np.intp]
    """Shape (n,): positions in the dataset."""
    probability: NDArray[np.float64]
    """Shape (repeats, n): of malignancy."""
    malignant: NDArray[np.bool_]
    """Shape (repeats, n): whether the threshold, chosen on training samples, was reached."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One step of the temporal evaluation: trained on the groups before, tested on new patients of this group."""

    group: int
    trained_on: int
    predictions: Predictions


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was found."""

    selection: Selection
    """By the procedure on all samples: what is shipped."""
    nested: Predictions
    temporal: list[Arrival]
    chosen: list[str]
    """What the procedure chose in each outer fold."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the procedure chose on the training samples, and what that said of the test samples."""

    selection: Selection
    probability: NDArray[np.float64]


def evaluate(
    data: Dataset,
    *,
    plan: Plan,
    folds: int,
    repeats: int,
    arrivals: tuple[int, ...],
    jobs: int,
    advance: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Run the procedure on all samples, in nested cross-validation, and in order of arrival.

    Args:
        data: checked training data.
        plan: how the procedure cross-validates within its training samples.
        folds: outer folds, grouped by patient.
        repeats: how often the outer folds are drawn anew.
        arrivals: how many samples arrived together, in file order.
        jobs: processes to use; the result does not depend on it.
        advance: called as each of the ``folds * repeats + len(arrivals)`` runs of the procedure ends.
    """
    everything = np.arange(len(data.y))
    outer = [split for repeat in range(repeats) for split in splits(data.y, data.patients, folds, plan.seed + repeat)]
    later = _arrival_splits(data, arrivals)
    tasks = [*outer, *later, (everything, everything[:0])]
    runs = Parallel(n_jobs=jobs, return_as="generator")(delayed(_run)(data, split, plan) for split in tasks)
    outcomes: list[Outcome] = []
    for outcome in runs:
        outcomes.append(outcome)
        advance()
    return Evaluation(
        selection=outcomes[-1].selection,
        nested=_gather(outer, outcomes, repeats),
        temporal=[
            Arrival(group, len(train), _gather([(train, test)], [outcome], 1))
            for group, ((train, test), outcome) in enumerate(zip(later, outcomes[len(outer) :], strict=False), start=2)
        ],
        chosen=[outcome.selection.candidate.name for outcome in outcomes[: len(outer)]],
    )


def _run(data: Dataset, split: Split, plan: Plan) -> Outcome:
    train, test = split
    X = data.X.to_numpy()
    # The candidates' parameters are the same each time, and checking them takes longer than some fits. One thread, of
    # numeric libraries and of joblib, which Dask gives more: sums in another order would be other bytes.
    with (
        config_context(assume_finite=True, skip_parameter_validation=True),
        threadpool_limits(1),
        parallel_config("sequential"),
    ):
        selection = select(X[train], data.y[train], data.patients[train], plan)
        if not len(test):
            return Outcome(selection, np.empty(0))
        fitted = clone(selection.candidate.estimator).fit(X[train], data.y[train])
        return Outcome(selection, fitted.predict_proba(X[test])[:, 1])


def _arrival_splits(data: Dataset, arrivals: tuple[int, ...]) -> list[Split]:
    ends = np.cumsum(arrivals)
    steps = [(np.arange(end), np.arange(end, following)) for end, following in itertools.pairwise(ends)]
    # A patient who is known already is no test.
    return [(train, test[~np.isin(data.patients[test], data.patients[train])]) for train, test in steps]


def _gather(splits: list[Split], outcomes: list[Outcome], repeats: int) -> Predictions:
    """Put the test samples of each repeat back in their order."""
    rows = np.unique(np.concatenate([test for _, test in splits]))
    shape = (repeats, len(rows))
    probability, malignant = np.empty(shape), np.empty(shape, dtype=np.bool_)
    each = len(splits) // repeats
    for number, ((_, test), outcome) in enumerate(zip(splits, outcomes, strict=False)):
        at = np.searchsorted(rows, test)
        probability[number // each, at] = outcome.probability
        malignant[number // each, at] = outcome.probability >= outcome.selection.threshold
    return Predictions(rows, probability, malignant)


def pooled(arrivals: list[Arrival]) -> Predictions:
    """The predictions of all steps of the temporal evaluation together."""
    parts = [arrival.predictions for arrival in arrivals]
    return Predictions(
        rows=np.concatenate([part.rows for part in parts]),
        probability=np.hstack([part.probability for part in parts]),
        malignant=np.hstack([part.malignant for part in parts]),
    )
