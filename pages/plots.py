"""Plots as SVG inside a page: drawn by matplotlib, coloured by the page's style, and told in words."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from cycler import cycler
from markupsafe import Markup
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Callable

INK: Final = "#000001"
"""The colour of the page's text. Like those below it stands for a variable of the page's style, light or dark."""

SERIES: Final = tuple(f"#00000{number}" for number in range(2, 8))
"""Colours that are told apart by most eyes; a marker, hatch or line style must tell apart what they do."""

_STYLE: Final[dict[Any, Any]] = {
    # The same figures give the same bytes; text stays text, in the page's own font.
    "svg.fonttype": "none",
    "font.size": 10,
    "font.sans-serif": ["DejaVu Sans"],
    "axes.prop_cycle": cycler(color=SERIES),
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "hatch.color": INK,
    "legend.frameon": False,
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "grid.color"), INK
    ),
}

# Nothing refers to these names, and another plot on the page has the same ones.
_NAMES: Final = re.compile(r' id="[a-zA-Z]+[a-zA-Z0-9.]*_\d+"')
_OPENING: Final = re.compile(r".*?<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>", re.DOTALL)


def draw(name: str, alt: str, plot: Callable[[Figure], None], *, size: tuple[float, float] = (4.6, 3.6)) -> Markup:
    """Draw a plot.

    Args:
        name: unlike that of any other plot on the page.
        alt: what it shows, in words, for whoever does not see it.
        plot: draws into the empty figure.
        size: width and height in inches, of text that is 10 points high.
    """
    with mpl.rc_context(_STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        plot(figure)
        file = io.StringIO()
        figure.savefig(
            file, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    drawn = _NAMES.sub("", file.getvalue())
    drawn = re.sub(r"#00000([1-7])", r"var(--plot-\1)", drawn)
    return Markup(_OPENING.sub(rf'<svg \1 role="img" aria-label="{escape(alt)}">', drawn, count=1))  # noqa: S704 - alt is escaped
