"""The form: nine sliders, two examples to load, and the tumour that a browser sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from oncology_model import FEATURES, Tumor
from oncology_model.datamodel import HIGHEST_GRADE, LOWEST_GRADE, MISSABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

NOT_MEASURED: Final = "x"
"""A missing measurement in a case, which is nine grades in their order with hyphens between them."""

EXAMPLES: Final = {"Benign example": "4-1-2-1-2-1-1-1-1", "Malignant example": "8-10-10-8-7-10-9-7-1"}
"""Cases; the second is the first malignant one of the data."""

Grades = dict[str, int | str | None]
"""By measurement, what was sent: text where that is no integer, None where it was not measured."""


@dataclass(frozen=True, slots=True)
class Slider:
    """One measurement, as the page asks for it."""

    name: str
    label: str
    meaning: str
    missable: bool


def label_of(feature: str) -> str:
    """A measurement's name in words."""
    return feature.replace("_", " ").capitalize()


def _sliders() -> tuple[Slider, ...]:
    documented = TypeAdapter(Tumor).json_schema()["properties"]
    # What comes behind a semicolon is for those who write JSON.
    meanings = {feature: documented[feature]["description"].partition(";")[0].rstrip(".") for feature in FEATURES}
    return tuple(Slider(name, label_of(name), f"{meanings[name]}.", name in MISSABLE) for name in FEATURES)


SLIDERS: Final = _sliders()
SCALE: Final = range(LOWEST_GRADE, HIGHEST_GRADE + 1)


def read_grades(sent: MultiDict[str, str]) -> Grades:
    """The grades in a form: those of its sliders, or of the case that one of its buttons names."""
    if case := sent.get("case"):
        texts: Mapping[str, str] = dict(zip(FEATURES, case.split("-"), strict=False))
    else:
        missing = dict.fromkeys(sent.getlist("not_measured"), NOT_MEASURED)
        texts = sent.to_dict() | missing
    return {feature: _grade(texts[feature]) for feature in FEATURES if feature in texts}


def _grade(text: str) -> int | str | None:
    if text == NOT_MEASURED:
        return None
    # Longer ones are no grades, and Python itself refuses very long ones.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_GRADE)) else text


def tumor_of(grades: Grades) -> Tumor:
    """The tumour that has these grades.

    Raises:
        pydantic.ValidationError: one is missing or no grade.
    """
    values: dict[str, Any] = grades
    return Tumor(**values)
