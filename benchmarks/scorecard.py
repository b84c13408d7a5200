"""``python -m benchmarks.scorecard``: how fast one process classifies, by look-up and through its own estimator."""

from __future__ import annotations

import argparse
import os
import statistics
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.peers import REPOSITORY
from benchmarks.tumors import TUMORS
from oncology_model import FEATURES, Classifier, Tumor
from oncology_model.grades import decode, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_CALLS: Final = 200
"""Of a look-up, timed together: one alone takes hardly longer than looking at the clock."""

_ROWS: Final = 1_000_000
_ESTIMATOR_ROWS: Final = 200_000

_ANSWER_BYTES: Final = 9
"""A probability and a class."""

Row = tuple[str, str, str, str]
"""What, found, wanted, and whether it is reached."""


def main() -> None:
    """Measure on one core, and tell the figures beside what is wanted."""
    options = _parser().parse_args()
    # One core, and so one thread of whatever library would use more; before any of them has counted the cores.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    table = Table("in one process, on one core", "found", "wanted", "")
    for row in [*_one(options), *_many(options), *_memory(options)]:
        table.add_row(*row)
    Console(width=100).print(table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scorecard", description=__doc__)
    parser.add_argument("--artifact", type=Path, default=REPOSITORY / "oncology_model" / "model")
    parser.add_argument("--rounds", type=int, default=100, help="in which both take turns; the median counts")
    return parser


def _one(options: argparse.Namespace) -> list[Row]:
    """One tumour, against the estimator's own call on the frame that it was fitted on."""
    classifier, estimator = _both(options.artifact)
    tumor = Tumor(**TUMORS[0])
    frame = pd.DataFrame(TUMORS[:1])

    def look_up() -> None:
        for _ in range(_CALLS):
            classifier.assess(tumor)

    looked_up, asked = _medians([look_up, lambda: estimator(frame)], options.rounds)
    looked_up /= _CALLS
    return [
        _at_most("Classifier.assess, median", looked_up * 1e6, 10, "µs"),
        ("predict_proba of one row, median", f"{asked * 1e6:,.0f} µs", "", ""),
        _at_least("times faster", asked / looked_up, 50, ""),
    ]


def _many(options: argparse.Namespace) -> list[Row]:
    """A million tumours as integers, against the estimator's own call."""
    classifier, estimator = _both(options.artifact)
    codes = draw(_ROWS, seed=0)
    frame = _frame(codes[:_ESTIMATOR_ROWS])
    rounds = max(options.rounds // 10, 3)
    looked_up, asked = _medians([lambda: classifier.assess_many(codes), lambda: estimator(frame)], rounds)
    ours, theirs = _ROWS / looked_up, _ESTIMATOR_ROWS / asked
    return [
        _at_least("Classifier.assess_many, median", ours / 1e6, 5, "million rows/s"),
        ("predict_proba of many, median", f"{theirs / 1e6:.2f} million rows/s", "", ""),
        _at_least("times faster", ours / theirs, 5, ""),
    ]


def _memory(options: argparse.Namespace) -> list[Row]:
    """What a row needs beside itself: its answer and, as the work is done in blocks, nothing else."""
    classifier, _ = _both(options.artifact)
    less, more = (_peak(classifier, draw(rows, seed=0)) for rows in (_ROWS, 4 * _ROWS))
    needed = _at_most("memory that each further row needs", (more - less) / (3 * _ROWS), _ANSWER_BYTES, "bytes")
    return [("memory beside a million rows", f"{less / 1e6:.1f} MB", "", ""), needed]


def _peak(classifier: Classifier, codes: NDArray[Any]) -> int:
    tracemalloc.start()
    classifier.assess_many(codes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _both(artifact: Path) -> tuple[Classifier, Callable[[pd.DataFrame], object]]:
    """The classifier that looks up, and the call that a user of the estimator would make."""
    import joblib  # noqa: PLC0415 - counts the cores when it is imported

    return Classifier(artifact, engine="scorecard"), joblib.load(artifact / "model.joblib").predict_proba


def _frame(codes: NDArray[Any]) -> pd.DataFrame:
    return pd.DataFrame(decode(codes), columns=list(FEATURES))


def _medians(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median seconds of each call, all taking turns, so that a busy moment hits all alike."""
    for call in calls:
        call()
    turns = [[_seconds(call) for call in calls] for _ in range(rounds)]
    return [statistics.median(seconds) for seconds in zip(*turns, strict=True)]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _at_most(what: str, found: float, wanted: float, unit: str) -> Row:
    return what, f"{found:.3g} {unit}".rstrip(), f"≤ {wanted} {unit}".rstrip(), "yes" if found <= wanted else "no"


def _at_least(what: str, found: float, wanted: float, unit: str) -> Row:
    return what, f"{found:.3g} {unit}".rstrip(), f"≥ {wanted} {unit}".rstrip(), "yes" if found >= wanted else "no"


if __name__ == "__main__":
    main()
