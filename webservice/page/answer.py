"""What the page says of a tumour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from oncology_model import Prediction
from webservice.page import chart, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncology_model import Assessment
    from oncology_model.manifest import Manifest

Figure: TypeAlias = "Mapping[str, float]"
"""A measured value, with the ends of its interval."""

_SHOWN: Final = ("expected_calibration_error", "sensitivity", "specificity")


@dataclass(frozen=True, slots=True)
class Answer:
    """An assessment, in words and as drawings."""

    prediction: str
    malignant: bool
    probability: str
    threshold: str
    expectation: str | None
    """The probability as a count, as fine as the model's calibration supports."""
    reason: str | None
    """Why the count is not finer."""
    promise: str | None
    """What the threshold is worth."""
    mark: chart.Mark
    threshold_mark: chart.Mark
    bars: list[chart.Bar]
    """None at all where the model is not additive."""
    start: str | None
    """The probability of the average sample, from which the bars lead to this one's."""


def tell(assessment: Assessment, manifest: Manifest) -> Answer:
    """Say what there is to say of an assessment.

    Args:
        assessment: with contributions, where the model has them.
        manifest: of the model.
    """
    figures = _figures(manifest.metrics)
    expectation, reason = _expectation(assessment.probability, figures.get("expected_calibration_error"))
    contributions, scorecard = assessment.contributions, manifest.scorecard
    return Answer(
        prediction=assessment.prediction.value,
        malignant=assessment.prediction is Prediction.MALIGNANT,
        probability=words.percent(assessment.probability),
        threshold=words.percent(assessment.threshold),
        expectation=expectation,
        reason=reason,
        promise=_promise(figures),
        mark=chart.mark(assessment.probability),
        threshold_mark=chart.mark(assessment.threshold),
        bars=chart.bars(contributions, scorecard) if contributions and scorecard else [],
        start=words.percent(_sigmoid(contributions["intercept"])) if contributions else None,
    )


def _figures(metrics: Mapping[str, Any]) -> dict[str, Figure]:
    """What was measured on patients that the model had not seen: another trainer may measure less."""
    found = metrics.get("nested", {})
    return {name: found[name] for name in _SHOWN if name in found and None not in found[name].values()}


def _expectation(probability: float, error: Figure | None) -> tuple[str | None, str | None]:
    number = words.countable(error["high"]) if error else None
    if not error or not number:
        return None, None
    count = words.expected(probability, number)
    expectation = f"Of {number} samples that get such a probability, {count} expected to be malignant."
    value, low, high = (100 * error[name] for name in ("value", "low", "high"))
    reason = (
        f"Counted in {number} and no finer: on patients that the model had not seen, its probabilities were off by "
        f"{value:.1f} percentage points on average (95\N{NO-BREAK SPACE}% interval {low:.1f} to {high:.1f}). "
        "Where fewer samples are malignant than in the data, fewer are here, too."
    )
    return expectation, reason


def _promise(figures: Mapping[str, Figure]) -> str | None:
    if not {"sensitivity", "specificity"} <= figures.keys():
        return None
    caught = words.percent(figures["sensitivity"]["value"])
    alarmed = words.percent(1 - figures["specificity"]["value"])
    return (
        f"Of patients that the model had not seen, {caught} of the malignant samples reached the threshold, "
        f"and {alarmed} of the benign ones."
    )


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
