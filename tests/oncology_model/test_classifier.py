"""One tumour or many, from the scorecard or the estimator: one answer."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncology_model import Assessment, Classifier, InvalidGradesError, NoExplanationError, Prediction, Tumor, artifact
from oncology_model import classifier as classifier_module
from oncology_model.datamodel import FEATURES
from oncology_model.grades import decode, draw

if TYPE_CHECKING:
    from pathlib import Path

GRADES = st.integers(1, 10)
TUMORS = st.builds(Tumor, **dict.fromkeys(FEATURES, GRADES) | {"bare_nuclei": GRADES | st.none()})

MILD = Tumor(4, 1, 2, 1, 2, None, 1, 1, 1)
SEVERE = Tumor(9, 9, 8, 9, 8, 10, 9, 9, 9)


@pytest.fixture(scope="module")
def classifier(artifact_directory: Path) -> Classifier:
    return Classifier(artifact_directory)


@pytest.fixture(scope="module")
def through_scikit_learn(artifact_directory: Path) -> Classifier:
    return Classifier(artifact_directory, engine="estimator")


@pytest.fixture(scope="module")
def forest_classifier(forest_artifact_directory: Path) -> Classifier:
    return Classifier(forest_artifact_directory)


def codes_of(tumors: list[Tumor]) -> np.ndarray:
    return np.array([[grade or 0 for grade in dataclasses.astuple(tumor)] for tumor in tumors])


def frame_of(codes: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(decode(codes), columns=list(FEATURES))


@pytest.mark.parametrize("engine", ["classifier", "through_scikit_learn", "forest_classifier"])
def test_a_mild_tumour_is_benign_and_a_severe_one_malignant(engine: str, request: pytest.FixtureRequest):
    classifier = request.getfixturevalue(engine)
    assert classifier.predict(MILD) is Prediction.BENIGN
    assert classifier.predict(SEVERE) is Prediction.MALIGNANT


@given(tumor=TUMORS)
def test_a_tumour_is_malignant_where_its_probability_reaches_the_threshold(classifier: Classifier, tumor: Tumor):
    assessment = classifier.assess(tumor)
    assert 0 < assessment.probability < 1
    assert assessment.threshold == classifier.manifest.threshold
    assert (assessment.prediction is Prediction.MALIGNANT) == (assessment.probability >= assessment.threshold)
    assert classifier.predict(tumor) is assessment.prediction
    assert assessment.contributions is None


@given(tumors=st.lists(TUMORS, min_size=1, max_size=50))
def test_one_and_many_agree_to_the_last_bit(classifier: Classifier, tumors: list[Tumor]):
    many = classifier.assess_many(codes_of(tumors), explain=True)
    for row, tumor in enumerate(tumors):
        assert classifier.assess(tumor, explain=True) == Assessment(
            Prediction(many.predictions[row]),
            many.probability[row],
            many.threshold,
            dict(zip(("intercept", *FEATURES), [many.intercept, *many.contributions[row]], strict=True)),
        )


@given(tumor=TUMORS)
def test_scorecard_and_estimator_agree(classifier: Classifier, through_scikit_learn: Classifier, tumor: Tumor):
    found, expected = classifier.assess(tumor), through_scikit_learn.assess(tumor)
    assert found.probability == pytest.approx(expected.probability, rel=0, abs=1e-12)
    assert found.prediction is expected.prediction


@given(tumor=TUMORS)
def test_the_contributions_sum_to_the_log_odds(classifier: Classifier, tumor: Tumor):
    assessment = classifier.assess(tumor, explain=True)
    log_odds = np.log(assessment.probability) - np.log1p(-assessment.probability)
    assert list(assessment.contributions) == ["intercept", *FEATURES]
    assert sum(assessment.contributions.values()) == pytest.approx(log_odds, abs=1e-9)


def test_the_classes_are_those_that_the_estimator_itself_predicts(
    classifier: Classifier, additive_estimator: Any, training_codes: np.ndarray
):
    malignant = classifier.assess_many(training_codes).malignant
    np.testing.assert_array_equal(malignant, additive_estimator.predict(frame_of(training_codes)))


def test_the_engine_is_the_scorecard_unless_there_is_none_or_another_is_asked_for(
    classifier: Classifier, through_scikit_learn: Classifier, forest_classifier: Classifier
):
    engines = [each.engine for each in (classifier, through_scikit_learn, forest_classifier)]
    assert engines == ["scorecard", "estimator", "estimator"]


@pytest.mark.parametrize("engine", ["", "Scorecard", "sklearn"])
def test_an_engine_that_does_not_exist_is_refused(artifact_directory: Path, engine: Any):
    with pytest.raises(ValueError, match=f"the engine must be one of scorecard, estimator, .* not '{engine}'"):
        Classifier(artifact_directory, engine=engine)


def test_an_artifact_without_a_scorecard_is_refused_where_one_is_asked_for(forest_artifact_directory: Path):
    with pytest.raises(artifact.ArtifactError, match=r"has no scorecard \(its estimator is not additive\): use the"):
        Classifier(forest_artifact_directory, engine="scorecard")


def test_a_model_that_is_not_additive_says_that_it_cannot_explain(forest_classifier: Classifier):
    for explain in (
        lambda: forest_classifier.assess(MILD, explain=True),
        lambda: forest_classifier.assess_many(codes_of([MILD]), explain=True),
        lambda: forest_classifier.assess_frame(frame_of(codes_of([MILD])), explain=True),
    ):
        with pytest.raises(NoExplanationError, match=r"^this model is not additive, so that it has no exact contrib"):
            explain()


def test_a_model_that_is_not_additive_answers_like_its_estimator(forest_classifier: Classifier, forest: Any):
    codes = draw(200, seed=5)
    assessments = forest_classifier.assess_many(codes)
    np.testing.assert_array_equal(assessments.probability, forest.predict_proba(frame_of(codes))[:, 1])
    np.testing.assert_array_equal(assessments.malignant, forest.predict(frame_of(codes)))
    assert forest_classifier.assess(SEVERE).probability == forest_classifier.assess_many(codes_of([SEVERE])).probability


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 50])
def test_the_size_of_a_block_does_not_show(classifier: Classifier, rows: int, monkeypatch: pytest.MonkeyPatch):
    codes = draw(rows, seed=5)
    whole = classifier.assess_many(codes, explain=True)
    monkeypatch.setattr(classifier_module, "_BLOCK_ROWS", 7)
    in_blocks = classifier.assess_many(codes, explain=True)
    for field in ("malignant", "probability", "contributions", "predictions"):
        np.testing.assert_array_equal(getattr(in_blocks, field), getattr(whole, field))
    assert len(whole.predictions) == rows


def test_wrong_cells_of_all_blocks_are_named(classifier: Classifier, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(classifier_module, "_BLOCK_ROWS", 7)
    codes = draw(30, seed=5)
    codes[3, 0] = codes[20, 8] = 11
    with pytest.raises(InvalidGradesError) as caught:
        classifier.assess_many(codes)
    assert caught.value.cells == [(3, "clump_thickness"), (20, "mitoses")]


def test_what_is_given_is_not_changed(classifier: Classifier):
    for given_tumors in (draw(20, seed=5), decode(draw(20, seed=5)), frame_of(draw(20, seed=5))):
        before = given_tumors.copy()
        classifier.assess_many(given_tumors)
        assert np.array_equal(given_tumors, before, equal_nan=True)


def test_a_table_keeps_its_rows_its_index_and_its_other_columns(classifier: Classifier):
    codes = draw(20, seed=5)
    table = frame_of(codes)[list(reversed(FEATURES))].assign(patient="A1").set_index(np.arange(20) * 3)
    assessed = classifier.assess_frame(table)
    pd.testing.assert_frame_equal(assessed[table.columns], table)
    assert list(assessed.columns) == [*table.columns, "prediction", "probability"]
    np.testing.assert_array_equal(assessed["probability"], classifier.assess_many(codes).probability)
    assert set(assessed["prediction"]) == {"benign", "malignant"}


def test_an_explained_table_has_a_column_for_each_contribution(classifier: Classifier):
    assessed = classifier.assess_frame(frame_of(draw(20, seed=5)), explain=True)
    contributions = assessed.filter(regex="^contribution_")
    assert list(contributions) == [f"contribution_{name}" for name in ("intercept", *FEATURES)]
    log_odds = np.log(assessed["probability"] / (1 - assessed["probability"]))
    np.testing.assert_allclose(contributions.sum(axis=1), log_odds, atol=1e-9)


def test_the_package_brings_its_artifact_along(
    artifact_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(classifier_module, "BUNDLED_MODEL", shutil.copytree(artifact_directory, tmp_path / "model"))
    assert Classifier().digest == Classifier(artifact_directory).digest
