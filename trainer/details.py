"""What an evaluation shows beside its figures: shares with intervals, calibration, and which samples it got wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import binomtest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.dataset import Dataset
    from trainer.evaluation import Arrival, Predictions

_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many samples, which are at least one."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.count / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """Of 95 %: E. B. Wilson, JASA 22 (1927), 209-212, which is good for few samples and for extreme shares."""
        found = binomtest(self.count, self.of).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f} to {high:.3f})"


@dataclass(frozen=True, slots=True)
class Bin:
    """The samples whose probability lies between two bounds."""

    low: float
    high: float
    mean: float
    """Mean probability."""
    malignant: Share


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the temporal evaluation."""

    group: int
    sensitivity: Share | None
    """None where no sample is malignant."""
    specificity: Share | None


def calibration(data: Dataset, predictions: Predictions) -> list[Bin]:
    """What became of the samples with about the same probability, in ten equal bins of it, empty ones left out.

    A sample counts once, at its mean probability over the repeats.
    """
    probability, y = predictions.probability.mean(axis=0), data.y[predictions.rows]
    number = np.minimum((probability * _BINS).astype(np.intp), _BINS - 1)
    return [
        Bin(
            low=each / _BINS,
            high=(each + 1) / _BINS,
            mean=float(probability[number == each].mean()),
            malignant=Share(int(y[number == each].sum()), int((number == each).sum())),
        )
        for each in range(_BINS)
        if (number == each).any()
    ]


def steps(data: Dataset, arrivals: list[Arrival]) -> list[Step]:
    """How many of each class were told, by group of arrival."""
    return [Step(arrival.group, *_told(data, arrival.predictions)) for arrival in arrivals]


def _told(data: Dataset, predictions: Predictions) -> tuple[Share | None, Share | None]:
    truth, called = data.y[predictions.rows] == 1, predictions.malignant[0]
    return _share(called[truth]), _share(~called[~truth])


def _share(right: NDArray[np.bool_]) -> Share | None:
    return Share(int(right.sum()), len(right)) if len(right) else None


def misclassified(data: Dataset, predictions: Predictions) -> dict[str, dict[int, int]]:
    """By kind of error, the samples that were misclassified, each with the number of repeats in which it was.

    Samples are known by their row, the one below the header being row 1: their measurements stay in the file.
    """
    truth = data.y[predictions.rows] == 1
    wrong = (predictions.malignant != truth).sum(axis=0)

    def rows(kind: NDArray[np.bool_]) -> dict[int, int]:
        found = np.flatnonzero(kind & (wrong > 0))
        return dict(zip((predictions.rows[found] + 1).tolist(), wrong[found].tolist(), strict=True))

    return {"malignant, called benign": rows(truth), "benign, called malignant": rows(~truth)}
