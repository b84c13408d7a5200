"""The model card: what a person should know before using the model, in words and figures.

The sections are those of M. Mitchell et al., "Model Cards for Model Reporting", FAT* 2019, pages 220-229.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

_OPENING: Final = """\
# Model card

What the trainer says of the model that it made, in the sections of M. Mitchell et al., "Model Cards for Model
Reporting" (2019). `make model-card` writes this file from the artifact; `oncology model --card` prints the card of any
artifact, and `GET /model` gives it as JSON, in `model_card`.
"""

_COLUMNS: Final = ("figure", "nested cross-validation, by patient", "in order of arrival")

_CONFIG: Final = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Estimate(BaseModel):
    """A figure with its 95 % interval; null where there are too few samples of a class to tell it."""

    model_config = _CONFIG

    value: float | None
    low: float | None
    high: float | None
    samples: int
    """How many samples it is told from."""

    def __str__(self) -> str:
        """The figure and its interval or, where all samples were alike, how many they were."""
        if self.value is None or self.low is None or self.high is None:
            return "none"
        if self.low == self.high:
            return f"{self.value:.3f} ({self.value * self.samples:.0f} of {self.samples})"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


class Metric(BaseModel):
    """A figure of both evaluations."""

    model_config = _CONFIG

    name: str
    by_patient: Estimate
    """By nested cross-validation that never puts one patient on both sides."""
    by_arrival: Estimate
    """Trained on what had arrived, tested on the new patients that came next."""


class ModelCard(BaseModel):
    """All sections, in order, each of which is a list of statements."""

    model_config = _CONFIG

    model_details: list[str]
    intended_use: list[str]
    out_of_scope: list[str]
    factors: list[str]
    data: list[str]
    evaluation: list[str]
    metrics: list[Metric]
    limits: list[str]
    ethical_considerations: list[str]

    def to_markdown(self) -> str:
        """The card as a document."""
        sections = (
            f"## {name.replace('_', ' ').capitalize()}\n\n{self._table() if name == 'metrics' else _bullets(content)}"
            for name, content in self
        )
        return "\n".join([_OPENING, *sections])

    def _table(self) -> str:
        rows = [
            _COLUMNS,
            ("---",) * 3,
            *((metric.name, metric.by_patient, metric.by_arrival) for metric in self.metrics),
        ]
        return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def _bullets(statements: list[str]) -> str:
    return "".join(f"- {statement}\n" for statement in statements)
