"""A model card is read by people as a document and by programs in the manifest."""

from __future__ import annotations

import json

import pytest

from oncology_model import Classifier, artifact
from oncology_model.commands import main
from oncology_model.manifest import Manifest
from oncology_model.model_card import Estimate, Metric, ModelCard

LISTS = [section for section in ModelCard.model_fields if section != "metrics"]
CARD = ModelCard(
    **{section: [f"Of {section}.", "Also."] for section in LISTS},
    metrics=[
        Metric(
            name="sensitivity",
            by_patient=Estimate(value=0.99171, low=0.98, high=1, samples=241),
            by_arrival=Estimate(value=1, low=1, high=1, samples=72),
        )
    ],
)


@pytest.fixture
def with_card(artifact_directory, tmp_path):
    found = artifact.read(artifact_directory)
    artifact.write(tmp_path, found.model, found.manifest.model_copy(update={"model_card": CARD}))
    return tmp_path


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(value=0.99171, low=0.98, high=1, samples=241), "0.992 (0.980 to 1.000)"),
        (Estimate(value=1, low=1, high=1, samples=72), "1.000 (72 of 72)"),
        (Estimate(value=0, low=0, high=0, samples=9), "0.000 (0 of 9)"),
        (Estimate(value=None, low=None, high=None, samples=0), "none"),
    ],
)
def test_a_figure_comes_with_its_interval_or_with_its_count_where_all_were_alike(estimate, text):
    assert str(estimate) == text


def test_the_document_has_a_heading_for_each_section_and_its_statements_below():
    text = CARD.to_markdown()
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Model details",
        "## Intended use",
        "## Out of scope",
        "## Factors",
        "## Data",
        "## Evaluation",
        "## Metrics",
        "## Limits",
        "## Ethical considerations",
    ]
    assert "## Limits\n\n- Of limits.\n- Also.\n" in text
    assert "| sensitivity | 0.992 (0.980 to 1.000) | 1.000 (72 of 72) |\n" in text


def test_the_manifest_keeps_it(with_card):
    assert artifact.read(with_card).manifest.model_card == CARD


def test_a_manifest_from_before_there_were_cards_keeps_its_bytes(artifact_directory):
    content = (artifact_directory / "manifest.json").read_text()
    assert "model_card" not in content
    assert Manifest.model_validate_json(content).to_json() == content


def test_the_command_line_prints_the_document(with_card, capsys):
    assert main(["model", "--card", "--model", str(with_card)]) == 0
    assert capsys.readouterr().out == CARD.to_markdown()


def test_the_command_line_tells_what_the_model_is_for_and_what_not(with_card, capsys):
    main(["model", "--model", str(with_card)])
    assert "Meant for:\n- Of intended_use.\n- Also.\n\nNot for:\n- Of out_of_scope.\n" in capsys.readouterr().out


def test_an_artifact_without_a_card_says_what_to_do(artifact_directory, capsys):
    assert main(["model", "--card", "--model", str(artifact_directory)]) == 1
    assert capsys.readouterr().err == f"oncology: {artifact_directory} has no model card: train again\n"


def test_the_card_in_json_is_that_of_the_document(with_card, capsys):
    main(["model", "--json", "--model", str(with_card)])
    assert (
        ModelCard.model_validate(json.loads(capsys.readouterr().out)["model_card"])
        == Classifier(with_card).manifest.model_card
    )
