"""Goals: what this service wants to be, in ratios within one run, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.results import METRIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.results import Results

MODEL_SERVERS: Final = ("mlserver", "bentoml", "litserve", "mlflow")
"""The peers that are products; the others are written by hand."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One of them, in words."""

    what: str
    wanted: str
    found: str
    verdict: str


def goals(results: Results) -> Iterator[Goal]:
    """All goals, those that cannot be judged included."""
    everyone = [name for name in results.titles if name not in results.ours]
    yield _at_least(results, "requests/s, against the best model server", "requests_per_second", MODEL_SERVERS, 4)
    yield _at_least(results, "p99, against the best model server", "p99_ms", MODEL_SERVERS, 1)
    for name in results.ours:
        what = f"requests/s, {results.titles[name]}, against FastAPI + our Classifier"
        yield _at_least(results, what, "requests_per_second", ["fastapi_classifier"], 1, of=name)
    yield _at_least(results, "batches, against the best peer", "batch_rows_per_second", everyone, 20)
    yield _at_least(results, "start, against the fastest peer", "start_seconds", everyone, 1)
    yield _at_most(results, "start, in times of `import flask_restx`", "start_in_imports", 2)
    yield _at_most(results, "memory (MB)", "memory_mb", 70)
    yield _at_least(results, "memory, against the smallest peer", "memory_mb", everyone, 2)
    yield _at_most(results, "each further worker (MB)", "worker_mb", 15)


def _at_least(
    results: Results, what: str, metric: str, peers: Iterable[str], wanted: float, *, of: str | None = None
) -> Goal:
    ratios = [ratio for name in peers if (ratio := results.ratio(METRIC[metric], name, of)) is not None]
    found = min(ratios, default=None)
    return Goal(what, f"≥ {wanted} ×", *_judged(found, " ×", met=found is not None and found >= wanted))


def _at_most(results: Results, what: str, metric: str, wanted: float) -> Goal:
    found = results.figures.get(results.ours[0], {}).get(metric)
    return Goal(what, f"≤ {wanted}", *_judged(found, "", met=found is not None and found <= wanted))


def _judged(found: float | None, unit: str, *, met: bool) -> tuple[str, str]:
    return ("absent", "not measured") if found is None else (f"{found:.3g}{unit}", "yes" if met else "no")
