"""The two drawings: the probability beside the threshold, and what each measurement contributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oncology_model.datamodel import FEATURES
from webservice.page.form import label_of
from webservice.page.words import factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncology_model.scorecard import Scorecard

WIDTH: Final = 320
"""Of the scale from 0 to 1, and of the room for bars against and for, in units of the drawing."""

# Beyond it a label beside a mark would leave the drawing.
_MIDDLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Mark:
    """A probability on the scale."""

    x: float
    anchor: str
    """On which side of the mark its label stands, as SVG says it."""


def mark(probability: float) -> Mark:
    """Where a probability is on the scale."""
    return Mark(round(probability * WIDTH, 1), "start" if probability < _MIDDLE else "end")


@dataclass(frozen=True, slots=True)
class Bar:
    """What one measurement contributed."""

    label: str
    factor: str
    side: str
    """For or against malignancy."""
    x: float
    width: float


def bars(contributions: Mapping[str, float], scorecard: Scorecard) -> list[Bar]:
    """A bar for each measurement, all of them and those of other tumours being on one scale."""
    widest = max(abs(entry) for table in scorecard.tables.values() for entry in table if entry is not None) or 1
    return [_bar(label_of(feature), contributions[feature], WIDTH / 2 / widest) for feature in FEATURES]


def _bar(label: str, contribution: float, scale: float) -> Bar:
    width = round(abs(contribution) * scale, 1)
    side = "for" if contribution >= 0 else "against"
    return Bar(label, factor(contribution), side, WIDTH / 2 - (0 if side == "for" else width), width)
