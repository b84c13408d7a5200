"""A bar chart that the README shows, readable on light and dark pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from benchmarks.results import Results

_WIDTH, _BAR, _GAP, _LABEL, _FIGURE, _TOP = 760, 24, 10, 200, 90, 44
_STYLE: Final = (
    "text{font:14px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.ours{fill:#0b7285}.peer{fill:#868e96}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#22b8cf}}"
)


def bars(results: Results, metric: str, title: str) -> str:
    """An SVG of one metric, best first; who failed has no bar and says so."""
    ran = {name: results.figures.get(name, {}).get(metric, 0.0) for name in results.titles}
    order = sorted(ran, key=lambda name: -ran[name])
    height = _TOP + len(order) * (_BAR + _GAP)
    rows = [_row(results, name, ran[name], max(ran.values()), number) for number, name in enumerate(order)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{_STYLE}</style>\n'
        f'<text class="title" x="0" y="20">{escape(title)}</text>\n' + "\n".join(rows) + "\n</svg>\n"
    )


def _row(results: Results, name: str, figure: float, largest: float, number: int) -> str:
    top = _TOP + number * (_BAR + _GAP)
    length = (_WIDTH - _LABEL - _FIGURE) * figure / largest if largest else 0.0
    says = f"{figure:,.0f}" if name in results.figures else "failed"
    kind = "ours" if name in results.ours else "peer"
    return (
        f'<text x="{_LABEL - 10}" y="{top + 17}" text-anchor="end">{escape(results.titles[name])}</text>'
        f'<rect class="{kind}" x="{_LABEL}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="3"/>'
        f'<text x="{_LABEL + length + 8:.1f}" y="{top + 17}">{says}</text>'
    )
