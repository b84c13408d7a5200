"""The figures are those of scikit-learn, for every weighting at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, recall_score, roc_auc_score

from trainer.evaluation import Predictions
from trainer.metrics import confusion_matrix, figures, intervals

SAMPLES = 40


@st.composite
def predictions(draw):
    y = draw(arrays(np.intp, SAMPLES, elements=st.integers(0, 1)))
    y[:2] = (0, 1)
    # Few distinct values, so that ties are common.
    probability = draw(arrays(np.float64, SAMPLES, elements=st.sampled_from([0.01, 0.2, 0.5, 0.7, 0.95])))
    weight = draw(arrays(np.float64, SAMPLES, elements=st.integers(0, 3).map(float)))
    weight[:2] = 1
    return y, probability, weight


@settings(max_examples=25)
@given(predictions())
def test_each_figure_is_scikit_learns(drawn):
    y, probability, weight = drawn
    malignant = probability >= 0.2
    found = {name: value[0] for name, value in figures(y, probability, malignant, weight[np.newaxis]).items()}
    weighted = {"sample_weight": weight}
    assert found["accuracy"] == pytest.approx(accuracy_score(y, probability >= 0.5, **weighted))
    assert found["accuracy_at_threshold"] == pytest.approx(accuracy_score(y, malignant, **weighted))
    assert found["sensitivity"] == pytest.approx(recall_score(y, malignant, **weighted))
    assert found["specificity"] == pytest.approx(recall_score(y, malignant, pos_label=0, **weighted))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(y, probability, **weighted))
    assert found["brier_score"] == pytest.approx(brier_score_loss(y, probability, **weighted))
    assert found["log_loss"] == pytest.approx(log_loss(y, probability, **weighted))


@settings(max_examples=25)
@given(predictions())
def test_many_weightings_at_once_are_each_weighting_alone(drawn):
    y, probability, weight = drawn
    malignant = probability >= 0.5
    together = figures(y, probability, malignant, np.vstack([np.ones(SAMPLES), weight]))
    alone = figures(y, probability, malignant, weight[np.newaxis])
    for name, value in alone.items():
        assert together[name][1] == pytest.approx(value[0])


def test_calibration_error_is_the_mean_distance_of_share_and_probability():
    y = np.array([1, 0, 1, 1])
    probability = np.array([0.25, 0.25, 0.85, 0.85])
    found = figures(y, probability, probability >= 0.5, np.ones((1, 4)))
    assert found["expected_calibration_error"][0] == pytest.approx((2 * 0.25 + 2 * 0.15) / 4)


def test_a_figure_that_needs_an_absent_class_is_nan():
    found = figures(np.zeros(3, dtype=np.intp), np.full(3, 0.1), np.zeros(3, dtype=bool), np.ones((1, 3)))
    assert np.isnan(found["sensitivity"][0])
    assert np.isnan(found["roc_auc"][0])
    assert found["specificity"][0] == 1


def predicted_from_truth(data, repeats=2):
    probability = np.where(data.y == 1, 0.9, 0.1) + np.linspace(-0.09, 0.09, len(data.y))
    return Predictions(np.arange(len(data.y)), np.tile(probability, (repeats, 1)), np.tile(data.y == 1, (repeats, 1)))


def test_a_figure_lies_in_its_interval_and_the_same_seed_gives_the_same(data):
    found = intervals(data, predicted_from_truth(data), seed=1)
    assert found == intervals(data, predicted_from_truth(data), seed=1)
    assert found["sensitivity"] == {"value": 1, "low": 1, "high": 1}
    assert found["brier_score"]["low"] < found["brier_score"]["value"] < found["brier_score"]["high"]


def test_the_confusion_matrix_counts_every_repeat(data):
    assert confusion_matrix(data, predicted_from_truth(data, repeats=3)) == {
        "true_malignant": 3 * 241,
        "false_benign": 0,
        "true_benign": 3 * 458,
        "false_malignant": 0,
    }
