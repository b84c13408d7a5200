"""The quality gate: what an evaluation must reach for its classifier to be shipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Requirement:
    """A bound on a figure of the nested evaluation, from 0 to 1."""

    metric: str
    default: float
    at_least: bool
    """Else at most."""

    @property
    def option(self) -> str:
        """The command line's name for it."""
        return f"--{'min' if self.at_least else 'max'}-{self.metric.replace('_', '-')}"

    def is_met(self, value: float, bound: float) -> bool:
        """Whether ``value`` keeps to ``bound``; NaN never does."""
        return value >= bound if self.at_least else value <= bound


REQUIREMENTS = (
    Requirement("roc_auc", 0.985, at_least=True),
    Requirement("accuracy", 0.955, at_least=True),
    Requirement("sensitivity", 0.97, at_least=True),
    Requirement("specificity", 0.93, at_least=True),
    Requirement("brier_score", 0.035, at_least=False),
)
"""Somewhat under what the bundled data give, so that noise passes and a broken model does not."""


def failures(nested: Mapping[str, Any], bounds: Mapping[str, float]) -> list[str]:
    """Say which requirements are not met.

    Args:
        nested: figures as in ``metrics.json``, each with its ``value``.
        bounds: by figure, the bound to keep to.
    """
    return [
        f"{requirement.metric} is {value:.4f}, and must be at {'least' if requirement.at_least else 'most'} {bound:g} "
        f"({requirement.option})"
        for requirement in REQUIREMENTS
        if not requirement.is_met(value := nested[requirement.metric]["value"], bound := bounds[requirement.metric])
    ]
