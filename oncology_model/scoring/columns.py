"""What scoring adds to a table, and what it says of a row that it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oncology_model.datamodel import FEATURES, Prediction

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from oncology_model.classifier import Assessments

PREDICTION: Final = "prediction"
PROBABILITY: Final = "probability"
CONTRIBUTIONS: Final = tuple(f"contribution_{name}" for name in ("intercept", *FEATURES))

REASON: Final = "reject_reason"
"""The first column of a file of rejects."""

LABELS: Final = tuple(prediction.value for prediction in Prediction)
"""By whether the tumour is malignant."""


def added_columns(*, explain: bool) -> list[str]:
    """The columns that follow the table's own."""
    return [PREDICTION, PROBABILITY, *(CONTRIBUTIONS if explain else ())]


def numbers(assessments: Assessments) -> list[NDArray[np.float64] | float]:
    """The values of those columns after ``prediction``; a single number stands for all rows."""
    if assessments.contributions is None or assessments.intercept is None:
        return [assessments.probability]
    return [assessments.probability, assessments.intercept, *assessments.contributions.T]


def reason(errors: Mapping[str, str]) -> str:
    """Why a row is left out, without a comma and without a value."""
    return "; ".join(f"{field} {what}" for field, what in errors.items())
