"""The report: every figure, its ratio to ours, and what is needed to believe it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.goals import goals
from benchmarks.load import CONNECTIONS
from benchmarks.measuring import RATE
from benchmarks.results import METRICS
from benchmarks.tumors import BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.results import Metric, Results

_METHOD: Final = f"""\
Every server has one core, the load the other. Requests are single tumours over {CONNECTIONS} kept-alive connections;
batches have {BATCH_ROWS:,} rows. Waiting times at {RATE}/s count from the moment a request was due. A constant is what
the same server answers to a probe. Start is from the command to the first prediction, its files having been read
just before; memory is the proportional set size of all processes after the load. Figures are medians over the rounds,
each in a fresh process, the servers taking turns. All gave the estimator's own probabilities to within 1e-12 before
they were measured. *Absent* is what a server does not have."""

_REACHED: Final = 0.98
_TEN: Final = 10


def tables(results: Results) -> tuple[list[list[str]], list[list[str]]]:
    """The figures, and how many times better ours are; a header and then a row for each server, failed ones too."""
    header = ["server", *(metric.title for metric in METRICS)]
    figures, ratios = [header], [header]
    for name, title in results.titles.items():
        figures.append([title, *(_figure(results, name, metric) for metric in METRICS)])
        if name != results.ours[0]:
            ratios.append([title, *(_ratio(results, name, metric) for metric in METRICS)])
    return figures, ratios


def _figure(results: Results, name: str, metric: Metric) -> str:
    figures = results.figures.get(name, {})
    if metric.key not in figures:
        return "failed" if name in results.errors else "absent"
    if metric.key == "p99_at_rate_ms" and figures["rate_reached"] < _REACHED * RATE:
        return f"reaches {figures['rate_reached']:.0f}/s"
    return format(figures[metric.key], metric.form)


def _ratio(results: Results, name: str, metric: Metric) -> str:
    ratio = results.ratio(metric, name)
    return "–" if ratio is None else f"{ratio:.{1 if ratio < _TEN else 0}f} ×"


def markdown(results: Results) -> str:
    """The whole report."""
    figures, ratios = tables(results)
    failures = [f"**{results.titles[name]}** failed:\n\n```\n{error}\n```" for name, error in results.errors.items()]
    met = [[goal.what, goal.wanted, goal.found, goal.verdict] for goal in goals(results)]
    parts = [
        "# The same classifier behind every server",
        "\n".join(f"- {name}: {value}" for name, value in results.circumstances.items()),
        _METHOD,
        markdown_table(figures),
        *failures,
        "## How many times better this service is by default",
        markdown_table(ratios),
        "## Goals",
        markdown_table([["goal", "wanted", "found", "met"], *met]),
    ]
    return "\n\n".join(parts) + "\n"


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equally many cells, the first of them the header."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)
