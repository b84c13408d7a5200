"""Scores the parts of a job on this machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from oncology_model.scoring.part import Counts, Part, score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oncology_model.classifier import Classifier


def score_parts(
    parts: Sequence[Part],
    classifier: Classifier,
    *,
    explain: bool,
    jobs: int,
    advance: Callable[[int, int], None],
) -> Counts:
    """Score the parts, ``jobs`` at a time where there are so many, and else the blocks within them.

    The first part that fails ends the job; those before it, and those in work, are there.

    Raises:
        As :func:`oncology_model.scoring.part.score`.
    """
    interrupted = Event()

    def advance_or_stop(rows: int, size: int) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        advance(rows, size)

    at_once = min(jobs, len(parts)) or 1
    work = partial(score, classifier=classifier, explain=explain, jobs=jobs // at_once, advance=advance_or_stop)
    if at_once == 1:
        return sum(map(work, parts), Counts())
    pool = ThreadPoolExecutor(at_once)
    try:
        return sum(pool.map(work, parts), Counts())
    except KeyboardInterrupt:
        interrupted.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
