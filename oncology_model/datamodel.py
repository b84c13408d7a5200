"""What a tumour is and what can be said of it: the one definition of what is valid."""

from __future__ import annotations

import dataclasses
import operator
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import ArgsKwargs

if TYPE_CHECKING:
    from collections.abc import Mapping

LOWEST_GRADE: Final = 1
HIGHEST_GRADE: Final = 10

Grade = Annotated[int, Field(strict=True, ge=LOWEST_GRADE, le=HIGHEST_GRADE)]


# Measurements are health data: hide_input_in_errors keeps them out of every message.
@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", hide_input_in_errors=True))
class Tumor:
    """Nine cytology grades of one fine-needle aspirate, from 1 (closest to benign) to 10 (most anaplastic).

    The grades are those of W. H. Wolberg and O. L. Mangasarian, PNAS 87 (1990), 9193-9196.

    Raises:
        pydantic.ValidationError: a ``ValueError`` that names every wrong field; see :func:`field_errors`.
    """

    clump_thickness: Annotated[Grade, Field(description="How many layers deep the cells lie: benign ones lie in one.")]
    uniformity_of_cell_size: Annotated[Grade, Field(description="How much the cells differ in size.")]
    uniformity_of_cell_shape: Annotated[Grade, Field(description="How much the cells differ in shape.")]
    marginal_adhesion: Annotated[Grade, Field(description="How far the cells have lost hold of one another.")]
    single_epithelial_cell_size: Annotated[Grade, Field(description="How enlarged single epithelial cells are.")]
    bare_nuclei: Annotated[
        Grade | None, Field(description="How many nuclei lack cytoplasm around them; null where not measured.")
    ]
    bland_chromatin: Annotated[Grade, Field(description="How coarse the texture of the nuclei is.")]
    normal_nucleoli: Annotated[Grade, Field(description="How prominent the nucleoli are.")]
    mitoses: Annotated[Grade, Field(description="How many cells are dividing.")]

    @model_validator(mode="before")
    @classmethod
    def _name_arguments(cls, values: Any) -> Any:  # noqa: ANN401 - whatever the caller gave
        # Else pydantic would name a wrong positional argument by its number.
        if not isinstance(values, ArgsKwargs) or len(values.args) > len(FEATURES):
            return values
        named = dict(zip(FEATURES, values.args, strict=False))
        keywords = values.kwargs or {}
        if named.keys() & keywords.keys():
            return values
        # What comes from JSON needs none of this, and does not come by here.
        return {name: value if type(value) is int else _integer(value) for name, value in (named | keywords).items()}


def _integer(value: Any) -> Any:  # noqa: ANN401 - whatever the caller gave
    """An array's integer as Python's own; anything else as it is."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return value
    try:
        return operator.index(value)
    except TypeError:  # such as an array of several
        return value


FEATURES: Final = tuple(field.name for field in dataclasses.fields(Tumor))
"""The nine measurements, in the order of the data set."""

MISSABLE: Final = frozenset({"bare_nuclei"})
"""The measurements that may be missing: in the data no other one ever is."""

_MESSAGES: Final = {
    "missing": "is required",
    "missing_argument": "is required",
    "unexpected_keyword_argument": "is not a measurement",
    "unexpected_positional_argument": "is one argument too many",
    "multiple_argument_values": "is given twice",
}


def valid_values(feature: str, missing: str = "null") -> str:
    """Say in words what values ``feature`` may have, ``missing`` being how a missing one is written."""
    or_missing = f" or {missing}" if feature in MISSABLE else ""
    return f"must be an integer from {LOWEST_GRADE} to {HIGHEST_GRADE}{or_missing}"


def field_errors(error: ValidationError) -> dict[str, str]:
    """Name every wrong field of a :class:`Tumor` with what is wrong with it, and never with its value."""
    return {
        (field := str(problem["loc"][0])): _MESSAGES.get(problem["type"], valid_values(field))
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    }


class Prediction(Enum):
    """The class of a tumour."""

    BENIGN = "benign"
    MALIGNANT = "malignant"

    @classmethod
    def from_class(cls, class_id: object) -> Prediction:
        """Read the data set's code: 2 is benign, 4 malignant.

        Raises:
            ValueError: for anything else.
        """
        return cls._from_code(class_id, benign=2, malignant=4)

    @classmethod
    def from_classifier(cls, value: object) -> Prediction:
        """Read what a classifier's ``predict`` returned: 0 is benign, 1 malignant.

        Raises:
            ValueError: for anything else.
        """
        return cls._from_code(value, benign=0, malignant=1)

    @classmethod
    def _from_code(cls, code: object, *, benign: int, malignant: int) -> Prediction:
        if code == benign:
            return cls.BENIGN
        if code == malignant:
            return cls.MALIGNANT
        raise ValueError(f"a class is coded {benign} (benign) or {malignant} (malignant), not {code!r}")


@dataclasses.dataclass(frozen=True, slots=True)
class Assessment:
    """What the classifier says of one tumour."""

    prediction: Prediction
    """Malignant where the probability reaches the threshold."""

    probability: float
    """Of malignancy, from 0 to 1."""

    threshold: float
    """The probability from which a tumour is called malignant."""

    contributions: Mapping[str, float] | None = None
    """Log-odds that each measurement adds, relative to its mean over the training data, after ``intercept``, the
    log-odds of the mean; together they sum to the log-odds of ``probability``. Only where asked for."""
