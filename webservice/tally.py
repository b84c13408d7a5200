"""What is counted of predictions: classes, probabilities and, for drift, how often each grade came. No patient is kept.

prometheus_client takes 1.5 µs for each of the twelve counts of one prediction; this takes 3 µs for all of them.
"""

from __future__ import annotations

import bisect
import mmap
import threading
from typing import TYPE_CHECKING, Final

import numpy as np
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from oncology_model import FEATURES, Prediction
from oncology_model.datamodel import MISSABLE
from oncology_model.grades import CODES, MISSING, as_matrix, codes_of, encode
from webservice import shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from oncology_model import Assessment, Assessments, Tumor

BOUNDS: Final = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999)
"""Upper bounds of the probability's histogram."""

_FIRST_BOUND: Final = len(FEATURES) * CODES
_FIRST_CLASS: Final = _FIRST_BOUND + len(BOUNDS) + 1
_CLASSES: Final = tuple(Prediction)
_CELLS: Final = _FIRST_CLASS + len(_CLASSES)
_OFFSETS: Final = tuple(range(0, _FIRST_BOUND, CODES))
_FILE: Final = "predictions_{}.tally"


class Tally:
    """Counts predictions, in a file of this process's place where processes share a folder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._place: str | None = None
        self._cells = memoryview(bytearray())

    def add(self, tumor: Tumor, assessment: Assessment) -> None:
        """Count one prediction."""
        codes = codes_of(tumor)
        bound = _FIRST_BOUND + bisect.bisect_left(BOUNDS, assessment.probability)
        label = _FIRST_CLASS + _CLASSES.index(assessment.prediction)
        with self._lock:
            cells = self._open()
            for offset, code in zip(_OFFSETS, codes, strict=True):
                cells[offset + code] += 1
            cells[bound] += 1
            cells[label] += 1

    def add_many(self, tumors: ArrayLike, assessments: Assessments) -> None:
        """Count many predictions."""
        codes = encode(as_matrix(tumors))
        grades = np.bincount((codes + _OFFSETS).ravel("K"), minlength=_FIRST_BOUND)
        bounds = np.bincount(np.searchsorted(BOUNDS, assessments.probability), minlength=len(BOUNDS) + 1)
        classes = np.bincount(assessments.malignant, minlength=len(_CLASSES))
        added = np.concatenate((grades, bounds, classes))
        with self._lock:
            cells = np.asarray(self._open())
            cells += added.astype(np.uint64)

    def counts(self) -> NDArray[np.uint64]:
        """What this process has counted."""
        with self._lock:
            return np.array(self._open())

    def _open(self) -> memoryview:
        # A process that was forked from this one has another place.
        if self._place != (place := shared.place()):
            folder = shared.directory()
            self._cells = (_map(folder / _FILE.format(place)) if folder else memoryview(bytearray(8 * _CELLS))).cast(
                "Q"
            )
            self._place = place
        return self._cells


def _map(path: Path) -> memoryview:
    with path.open("a+b") as file:
        file.write(bytes(8 * _CELLS - file.tell()))
        file.flush()
        return memoryview(mmap.mmap(file.fileno(), 8 * _CELLS))


class TallyCollector(Collector):
    """Tells Prometheus what was counted, by one process or by all that share a folder."""

    def __init__(self, tally: Tally | None = None) -> None:
        self._tally = tally

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """Add up, and name."""
        counts = self._counts().tolist()
        predictions = CounterMetricFamily("oncology_predictions", "Predictions by class.", labels=["prediction"])
        for label, count in zip(_CLASSES, counts[_FIRST_CLASS:], strict=True):
            predictions.add_metric([label.value], count)
        yield predictions
        totals = np.cumsum(counts[_FIRST_BOUND:_FIRST_CLASS]).tolist()
        bounds = [*map(str, BOUNDS), "+Inf"]
        yield HistogramMetricFamily(
            "oncology_probability",
            "Probabilities of malignancy.",
            buckets=list(zip(bounds, totals, strict=True)),
            sum_value=None,
        )
        grades = CounterMetricFamily(
            "oncology_feature_grade", "How often each grade came; 0 is not measured.", labels=["feature", "grade"]
        )
        for feature, code in feature_grades():
            grades.add_metric([feature, str(code)], counts[FEATURES.index(feature) * CODES + code])
        yield grades

    def _counts(self) -> NDArray[np.uint64]:
        if self._tally:
            return self._tally.counts()
        folder = shared.directory()
        files = [np.fromfile(path, np.uint64) for path in folder.glob(_FILE.format("*"))] if folder else []
        whole = [file for file in files if len(file) == _CELLS]
        return np.asarray(np.sum([np.zeros(_CELLS, np.uint64), *whole], axis=0, dtype=np.uint64))


def feature_grades() -> Iterator[tuple[str, int]]:
    """Every measurement with every code that it can have."""
    for feature in FEATURES:
        yield from ((feature, code) for code in range(MISSING if feature in MISSABLE else MISSING + 1, CODES))
