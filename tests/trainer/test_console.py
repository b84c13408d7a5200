"""What the trainer says of what it made."""

from __future__ import annotations

import pytest

from oncology_model import Classifier
from trainer import console


@pytest.fixture
def manifest(artifact_directory):
    found = Classifier(artifact_directory).manifest
    return found.model_copy(update={"metrics": {"chosen": "logistic regression"}})


def test_a_monotone_scorecard_is_said_to_be_one(manifest, capsys):
    console.show_product(manifest, None)
    said = capsys.readouterr()
    assert "Its scorecard is monotone" in said.out
    assert not said.err


def test_a_scorecard_that_falls_is_warned_of_with_table_and_place(manifest, capsys):
    mitoses = manifest.scorecard.tables["mitoses"]
    falling = [*mitoses[:4], mitoses[3] - 0.25, *mitoses[5:]]
    scorecard = manifest.scorecard.model_copy(update={"tables": manifest.scorecard.tables | {"mitoses": falling}})
    console.show_product(manifest.model_copy(update={"scorecard": scorecard}), None)
    said = capsys.readouterr()
    warning = "warning: the scorecard is not monotone. mitoses: from grade 3 to 4 the log-odds fall by 0.250"
    assert said.err == f"{warning}\n"
    assert "monotone" not in said.out


def test_an_estimator_that_is_not_additive_is_said_to_have_no_scorecard_and_why(manifest, capsys):
    console.show_product(manifest.model_copy(update={"scorecard": None}), "they differ by up to 0.1 in probability")
    expected = "No scorecard, so that it is served through scikit-learn: they differ by up to 0.1 in probability."
    assert expected in capsys.readouterr().out
