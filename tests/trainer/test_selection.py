"""How a candidate and a threshold are chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.selection import Plan, choose_threshold, select, splits


def test_no_patient_is_on_both_sides_of_a_fold(data):
    for train, test in splits(data.y, data.patients, 10, seed=0):
        assert not set(data.patients[train]) & set(data.patients[test])


def test_every_sample_is_tested_once(data):
    tested = np.concatenate([test for _, test in splits(data.y, data.patients, 10, seed=0)])
    assert sorted(tested) == list(range(len(data.y)))


PROBABILITIES = arrays(np.float64, (2, 60), elements=st.floats(0.001, 0.999))


@given(PROBABILITIES, st.sampled_from([0.9, 0.95, 0.99, 1.0]))
def test_the_threshold_reaches_the_target_in_every_repeat(probability, target):
    y = np.arange(60) % 2
    threshold = choose_threshold(y, probability, target)
    assert ((probability[:, y == 1] >= threshold).mean(axis=1) >= target).all()
    assert 0 < threshold < 1


def test_of_a_hundred_malignant_samples_one_may_fall_below_a_target_of_99_percent():
    probability = np.linspace(0.01, 1, 100)[np.newaxis] * 0.99
    assert choose_threshold(np.ones(100, dtype=int), probability, 0.99) == pytest.approx(0.0099)
    assert choose_threshold(np.ones(100, dtype=int), probability, 0.95) == pytest.approx(0.0495)


def test_a_threshold_under_four_decimals_stays_above_zero():
    assert choose_threshold(np.array([0, 1]), np.array([[0.5, 0.00003]]), 1.0) == 0.00003


@pytest.fixture(scope="module")
def selection(data):
    return select(data.X.to_numpy(), data.y, data.patients, Plan(folds=3, repeats=1))


def test_one_setting_stands_for_each_family(selection):
    families = [score.candidate.family for score in selection.scores]
    assert families == [
        "logistic regression on grades",
        "logistic regression on log-grades",
        "logistic regression on grades and log-grades",
        "extra trees",
        "support vectors, calibrated",
    ]


def test_the_chosen_is_the_simplest_within_one_standard_error_of_the_best(selection):
    best = min(selection.scores, key=lambda score: score.log_loss)
    as_good = [score for score in selection.scores if score.log_loss <= best.log_loss + best.standard_error]
    simplest = min(score.candidate.complexity for score in as_good)
    chosen = next(score for score in selection.scores if score.candidate is selection.candidate)
    assert chosen in as_good
    assert chosen.candidate.complexity == simplest
    assert chosen.log_loss == min(score.log_loss for score in as_good if score.candidate.complexity == simplest)
