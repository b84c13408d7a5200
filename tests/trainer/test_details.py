"""What the report tells beside the figures."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.details import Share, calibration, misclassified, steps
from trainer.evaluation import Arrival, Predictions


def all_predicted(data, probability, malignant):
    return Predictions(np.arange(len(data.y)), np.atleast_2d(probability), np.atleast_2d(malignant))


def test_the_interval_of_a_share_is_that_of_wilson():
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
    for count, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert Share(count, of).interval == pytest.approx((low, high), abs=5e-5)


def test_a_share_is_told_with_its_interval():
    assert str(Share(0, 20)) == "0.000 (0.000 to 0.161)"


def test_calibration_counts_each_sample_once_at_its_mean_probability(data):
    truth = data.y == 1
    found = calibration(
        data, all_predicted(data, [np.where(truth, 0.9, 0.02), np.where(truth, 1.0, 0.04)], [truth] * 2)
    )
    assert [(each.low, each.mean, each.malignant.count, each.malignant.of) for each in found] == [
        (0.0, pytest.approx(0.03), 0, 458),
        (0.9, pytest.approx(0.95), 241, 241),
    ]


def test_a_misclassified_sample_is_told_by_row_and_by_how_often(data):
    truth = data.y == 1
    first_malignant, first_benign = int(truth.argmax()), int((~truth).argmax())
    once, always = truth.copy(), truth.copy()
    always[first_malignant] = once[first_malignant] = False
    once[first_benign] = True
    assert misclassified(data, all_predicted(data, [np.where(truth, 0.9, 0.1)] * 2, [once, always])) == {
        "malignant, called benign": {first_malignant + 1: 2},
        "benign, called malignant": {first_benign + 1: 1},
    }


def test_a_group_without_malignant_samples_has_no_sensitivity(data):
    benign = np.flatnonzero(data.y == 0)[:5]
    predictions = Predictions(benign, np.full((1, 5), 0.1), np.array([[False] * 4 + [True]]))
    [step] = steps(data, [Arrival(2, 100, predictions)])
    assert step.sensitivity is None
    assert step.specificity == Share(4, 5)
