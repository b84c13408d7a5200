"""The model card says what is known of the model and its data, and nothing of data that it does not know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oncology_model import Classifier
from oncology_model.model_card import ModelCard
from trainer import card

ROOT = Path(__file__).parents[2]
COMMITTED = (ROOT / "docs" / "model-card.md").read_text()
NUMBER = re.compile(r"\d[\d.]*(?:-[0-9a-f]{8})?")


def written(product, **changes):
    return card.write(product.manifest.model_copy(update=changes), product.not_additive)


def test_it_says_what_the_evaluation_found(product):
    found = product.manifest.metrics
    sensitivity = next(
        metric for metric in product.manifest.model_card.metrics if metric.name.startswith("sensitivity")
    )
    assert sensitivity.by_patient.model_dump(exclude={"samples"}) == found["nested"]["sensitivity"]
    assert sensitivity.by_patient.samples == 241
    assert "699 samples of 645 patients; 241 are malignant (34.5 %)." in product.manifest.model_card.data


def test_every_section_says_something(product):
    assert all(statements for _, statements in product.manifest.model_card)


def test_the_bundled_data_are_known_by_their_digest(product, data):
    assert data.digest == card.BUNDLED_DATA
    assert product.manifest.model_card.data[0].startswith("Breast Cancer Wisconsin (Original)")


def test_other_data_are_not_said_to_be_those(product):
    other = written(product, data_sha256="0" * 64)
    assert other.data[0] == (
        "Not the data that come with the trainer: where these come from must be told by whoever trained on them."
    )
    assert not any(
        "Wisconsin" in statement or "hospital" in statement for _, each in other for statement in map(str, each)
    )


def test_a_model_that_is_not_additive_is_said_to_be_served_through_scikit_learn(product):
    details = card.write(product.manifest.model_copy(update={"scorecard": None}), "it is a forest").model_details
    expected = "Not additive, so that it is served through scikit-learn and cannot give reasons: it is a forest."
    assert details[-1] == expected


def test_a_scorecard_that_falls_is_said_to_with_table_and_place(product):
    scorecard = product.manifest.scorecard
    mitoses = [*scorecard.tables["mitoses"][:-1], scorecard.tables["mitoses"][-2] - 0.5]
    falling = scorecard.model_copy(update={"tables": scorecard.tables | {"mitoses": mitoses}})
    details = written(product, scorecard=falling).model_details
    assert details[-1] == "Not monotone. mitoses: from grade 9 to 10 the log-odds fall by 0.500."


@pytest.fixture(scope="module")
def bundled() -> ModelCard:
    found = Classifier().manifest.model_card
    assert found, "the bundled artifact has no model card: make train"
    return found


def test_the_committed_card_is_that_of_this_trainer(bundled):
    # Other processors give other last digits, and so another version.
    assert NUMBER.sub("#", COMMITTED) == NUMBER.sub("#", bundled.to_markdown()), "make model-card"


def test_the_committed_figures_are_those_of_the_bundled_model(bundled):
    committed, found = (
        [NUMBER.findall(line) for line in text.splitlines() if line.startswith("|")]
        for text in (COMMITTED, bundled.to_markdown())
    )
    for ours, theirs in zip(committed, found, strict=True):
        assert list(map(float, ours)) == pytest.approx(list(map(float, theirs)), abs=0.002)


def test_the_readme_has_the_figures_of_the_committed_card():
    rows = [
        line for line in (ROOT / "README.md").read_text().splitlines() if re.match(r"\| [^|]*\| \d\.\d{3} \(", line)
    ]
    assert len(rows) == 5
    assert set(rows) <= set(COMMITTED.splitlines())
