"""The KPI history as one HTML page that needs nothing else: plots, and the same figures as tables."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
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

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>KPIs by version</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
img {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ border: 1px solid #767676; padding: .2rem .5rem; text-align: right; }}
</style>
</head>
<body>
<h1>KPIs by version</h1>
<p>{summary}</p>
{sections}
</body>
</html>
"""


def render(records: list[Record]) -> str:
    """The page, with each chart for which there are records.

    Args:
        records: in order of time.
    """
    versions = list(dict.fromkeys(record.version for record in records))
    sections = [_section(chart, versions, lines) for chart in CHARTS if (lines := _lines(chart, records))]
    summary = f"{len(versions)} versions, {versions[0]} to {versions[-1]}." if versions else "There are no records yet."
    return _PAGE.format(summary=escape(summary), sections="\n".join(sections))


def _lines(chart: Chart, records: list[Record]) -> dict[str, dict[str, float]]:
    """By what it is, the value in each version that has it."""
    lines: dict[str, dict[str, float]] = {}
    for record in records:
        if record.room in chart.rooms and re.fullmatch(chart.kpis, record.kpi):
            name = record.room if len(chart.rooms) > 1 else record.kpi.removesuffix(".value")
            lines.setdefault(name, {})[record.version] = record.value
    return lines


def _section(chart: Chart, versions: list[str], lines: dict[str, dict[str, float]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("version", *lines))
    rows = "\n".join(
        f'<tr><th scope="row">{escape(version)}</th>'
        + "".join(f"<td>{line[version]:.4g}</td>" if version in line else "<td></td>" for line in lines.values())
        + "</tr>"
        for version in versions
    )
    title = escape(chart.title)
    return (
        f'<h2>{title}</h2>\n<img alt="{title}; the table has the figures" src="{_plot(versions, lines)}">\n'
        f"<details><summary>Figures</summary><table>\n<tr>{head}</tr>\n{rows}\n"
        "</table></details>"
    )


def _plot(versions: list[str], lines: dict[str, dict[str, float]]) -> str:
    # The same records give the same bytes; text stays text.
    with mpl.rc_context({"svg.hashsalt": "kpis", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        axes = figure.add_subplot(xticks=range(len(versions)), xticklabels=versions)
        for number, (name, line) in enumerate(lines.items()):
            places = [place for place, version in enumerate(versions) if version in line]
            marker = _MARKERS[number % len(_MARKERS)]
            axes.plot(places, [line[versions[place]] for place in places], marker=marker, label=name)
        axes.tick_params("x", rotation=30)
        axes.grid(alpha=0.3)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{b64encode(file.getvalue()).decode()}"
