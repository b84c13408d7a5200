"""The scorecard as a person uses it, with a pencil: entries to look up, a sum, and what the sum means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oncology_model.datamodel import FEATURES

if TYPE_CHECKING:
    from oncology_model.scorecard import Scorecard

DECIMALS: Final = 2
MOST_ROUNDING: Final = (len(FEATURES) + 1) * 0.5 * 10**-DECIMALS
"""How far the sum of the rounded entries can be from the exact one."""

EXAMPLE: Final = (4, 1, 2, 1, 2, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What is printed; all log-odds rounded."""

    intercept: str
    rows: list[list[str]]
    """Of each measurement its name and its entries, for not measured and for each grade; empty where never missing."""
    threshold: str
    """The sum from which a tumour is called malignant."""
    probabilities: list[list[str]]
    """Sums, and the probability that each means."""
    example: list[list[str]]
    """Of each measurement its name, a grade, and the entry."""
    total: str
    probability: str
    """Of the example's total."""


def by_hand(scorecard: Scorecard, threshold: float) -> ByHand:
    """Print a scorecard."""
    tables = scorecard.tables.items()
    looked_up = [table[grade] or 0 for (_, table), grade in zip(tables, EXAMPLE, strict=True)]
    total = sum(round(entry, DECIMALS) for entry in (scorecard.intercept, *looked_up))
    return ByHand(
        intercept=_log_odds(scorecard.intercept),
        rows=[[_words(feature), *map(_log_odds, table)] for feature, table in tables],
        threshold=_log_odds(math.log(threshold / (1 - threshold))),
        probabilities=[[f"{each:+d}" if each else "0", _percent(each)] for each in range(-7, 8)],
        example=[
            [_words(feature), str(grade), _log_odds(entry)]
            for feature, grade, entry in zip(FEATURES, EXAMPLE, looked_up, strict=True)
        ],
        total=_log_odds(total),
        probability=_percent(total),
    )


def _words(feature: str) -> str:
    return feature.replace("_", " ")


def _log_odds(value: float | None) -> str:
    return "" if value is None else f"{value:+.{DECIMALS}f}"


def _percent(log_odds: float) -> str:
    return f"{100 / (1 + math.exp(-log_odds)):.3g} %"
