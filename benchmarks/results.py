"""Results: what was measured, of whom, and how it compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from benchmarks.measuring import Figures


@dataclass(frozen=True, slots=True)
class Metric:
    """A column of the report."""

    key: str
    title: str
    higher_is_better: bool
    form: str = ",.0f"


METRICS: Final = (
    Metric("requests_per_second", "requests/s", higher_is_better=True),
    Metric("p50_ms", "p50 (ms)", higher_is_better=False, form=".2f"),
    Metric("p99_ms", "p99 (ms)", higher_is_better=False, form=".2f"),
    Metric("p99_at_rate_ms", "p99 at 500/s (ms)", higher_is_better=False, form=".2f"),
    Metric("constant_per_second", "a constant, requests/s", higher_is_better=True),
    Metric("batch_rows_per_second", "batches, rows/s", higher_is_better=True),
    Metric("start_seconds", "start (s)", higher_is_better=False, form=".2f"),
    Metric("memory_mb", "memory (MB)", higher_is_better=False, form=".0f"),
    Metric("worker_mb", "further worker (MB)", higher_is_better=False, form=".0f"),
)


METRIC: Final = {metric.key: metric for metric in METRICS}


@dataclass(slots=True)
class Results:
    """Everything that came out of one run."""

    ours: list[str]
    """The names of this service's set-ups; the first is the default one, with which the others are compared."""
    titles: dict[str, str]
    """By name, of all servers, in order."""
    figures: dict[str, Figures] = field(default_factory=dict)
    """By name, of those that ran."""
    errors: dict[str, str] = field(default_factory=dict)
    """By name, of those that did not."""
    circumstances: dict[str, str] = field(default_factory=dict)
    """Machine, versions, date, command."""

    def ratio(self, metric: Metric, name: str, of: str | None = None) -> float | None:
        """How many times better ``of`` (the default set-up) is than ``name``; None where either has no figure."""
        mine = self.figures.get(of or self.ours[0], {}).get(metric.key)
        other = self.figures.get(name, {}).get(metric.key)
        if mine is None or other is None or min(mine, other) <= 0:
            return None
        return mine / other if metric.higher_is_better else other / mine
