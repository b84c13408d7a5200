"""A manifest says everything, and nothing that does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from oncology_model import artifact
from oncology_model.datamodel import FEATURES
from oncology_model.grades import CODES
from oncology_model.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def document(artifact_directory: Path) -> dict[str, Any]:
    return artifact.read(artifact_directory).manifest.model_dump(mode="json")


def test_a_manifest_survives_being_written_and_read(document: dict[str, Any]):
    assert Manifest.model_validate_json(Manifest.model_validate(document).model_dump_json()).model_dump() == document


def test_a_manifest_may_have_no_scorecard(document: dict[str, Any]):
    assert Manifest.model_validate(document | {"scorecard": None}).scorecard is None


def test_only_the_format_and_the_model_card_may_be_absent():
    optional = {name for name, field in Manifest.model_fields.items() if not field.is_required()}
    assert optional == {"format_version", "model_card"}


@pytest.mark.parametrize("field", [name for name, field in Manifest.model_fields.items() if field.is_required()])
def test_a_missing_field_is_named(document: dict[str, Any], field: str):
    del document[field]
    with pytest.raises(ValidationError, match=field):
        Manifest.model_validate(document)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("model_sha256", "abc", "should match pattern"),
        ("data_sha256", "A" * 64, "should match pattern"),
        ("versions", {"python": "3.11.0"}, "the version of scikit-learn is missing"),
        ("features", list(reversed(FEATURES)), "the features must be clump_thickness, "),
        ("threshold", 0, "greater than 0"),
        ("threshold", 1, "less than 1"),
        ("threshold", float("nan"), "finite number"),
        ("training_distribution", dict.fromkeys(FEATURES, [1] * (CODES - 1)), "11 counts for each feature"),
        ("training_distribution", dict.fromkeys(FEATURES[1:], [1] * CODES), "11 counts for each feature"),
        ("surprise", 1, "Extra inputs are not permitted"),
    ],
)
def test_what_does_not_fit_is_refused(document: dict[str, Any], field: str, value: object, message: str):
    with pytest.raises(ValidationError, match=message):
        Manifest.model_validate(document | {field: value})
