"""The KPI history as one HTML page that needs nothing else: plots, and the same figures as tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from pages import plots, rendering

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from monitoring.records import Record

_MARKERS: Final = "osD^vPX*<>"
_FIGURES: Final = r"\.(sensitivity|specificity|accuracy|roc_auc)\.value"


@dataclass(frozen=True, slots=True)
class Chart:
    """What to show together."""

    title: str
    rooms: tuple[str, ...]
    kpis: str
    """A regular expression."""


CHARTS: Final = (
    Chart("Quality on patients that training had not seen", ("trainer",), f"nested{_FIGURES}"),
    Chart("Quality on patients who came later", ("trainer",), f"temporal{_FIGURES}"),
    Chart("Drift of the training data against the version before, stability index", ("trainer",), r"drift\..*"),
    Chart("Training time, seconds", ("trainer",), "training_seconds"),
    Chart("Test coverage, share of statements", ("trainer", "webservice"), "coverage"),
    Chart("Tests that passed", ("trainer", "webservice"), r"tests\.passed"),
    Chart("Service, benchmark", ("webservice",), r"benchmark\..*"),
)


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    plot: str
    head: list[str]
    rows: list[list[str]]


def render(records: list[Record]) -> str:
    """The page, with each chart for which there are records.

    Args:
        records: in order of time.
    """
    versions = list(dict.fromkeys(record.version for record in records))
    sections = [_section(chart, versions, lines) for chart in CHARTS if (lines := _lines(chart, records))]
    summary = f"{len(versions)} versions, {versions[0]} to {versions[-1]}." if versions else "There are no records yet."
    return rendering.render("monitoring", "kpis.html", summary=summary, sections=sections)


def _lines(chart: Chart, records: list[Record]) -> dict[str, dict[str, float]]:
    """By what it is, the value in each version that has it."""
    lines: dict[str, dict[str, float]] = {}
    for record in records:
        if record.room in chart.rooms and re.fullmatch(chart.kpis, record.kpi):
            name = record.room if len(chart.rooms) > 1 else record.kpi.removesuffix(".value")
            lines.setdefault(name, {})[record.version] = record.value
    return lines


def _section(chart: Chart, versions: list[str], lines: dict[str, dict[str, float]]) -> _Section:
    rows = [
        [version, *(f"{line[version]:.4g}" if version in line else "" for line in lines.values())]
        for version in versions
    ]
    alt = f"{chart.title}; the table has the figures"
    plot = plots.draw(chart.title, alt, partial(_plot, versions, lines), size=(9, 3.2))
    return _Section(chart.title, plot, ["version", *lines], rows)


def _plot(versions: list[str], lines: dict[str, dict[str, float]], figure: Figure) -> None:
    axes = figure.add_subplot(xticks=range(len(versions)), xticklabels=versions)
    for number, (name, line) in enumerate(lines.items()):
        places = [place for place, version in enumerate(versions) if version in line]
        marker = _MARKERS[number % len(_MARKERS)]
        axes.plot(places, [line[versions[place]] for place in places], marker=marker, label=name)
    axes.tick_params("x", rotation=30)
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
