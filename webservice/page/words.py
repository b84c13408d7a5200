"""Figures in plain words, and no finer than what they are known to be worth."""

from __future__ import annotations

import math
from typing import Final

_SPACE: Final = "\N{NO-BREAK SPACE}"
_FINEST: Final = 0.001

# What people can picture, and count in.
_ROUND_NUMBERS: Final = (1000, 100, 20, 10)


def percent(share: float) -> str:
    """A share from 0 to 1 in percent, which never claims to be none or all."""
    if 0 < share < _FINEST:
        return f"under {_FINEST:.1%}".replace("%", f"{_SPACE}%")
    if 1 - _FINEST < share < 1:
        return f"over {1 - _FINEST:.1%}".replace("%", f"{_SPACE}%")
    return f"{share * 100:.1f}{_SPACE}%"


def factor(contribution: float) -> str:
    """What a contribution in log-odds does to the odds: ``× 2.5`` speaks for malignancy, ``÷ 2.5`` against it."""
    times = math.exp(abs(contribution))
    sign = "×" if contribution >= 0 else "÷"
    return f"{sign}{_SPACE}{times:.1f}"


def countable(calibration_error: float) -> int | None:
    """Of how many samples a probability may be told as a count, or None where even ten would promise too much.

    One sample more or less must not be a finer step than the error that probabilities have.
    """
    return next((number for number in _ROUND_NUMBERS if 1 / number >= calibration_error), None)


def expected(probability: float, number: int) -> str:
    """How many of ``number`` samples with this probability are expected to be malignant, in words."""
    count = probability * number
    if count < 0.5:  # noqa: PLR2004 - rounding
        return "fewer than one is"
    if number - count < 0.5:  # noqa: PLR2004 - rounding
        return "nearly all are"
    whole = round(count)
    return f"about {whole} {'is' if whole == 1 else 'are'}"
