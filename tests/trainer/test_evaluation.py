"""The evaluation tests the whole procedure on patients that it has not seen."""

from __future__ import annotations

import numpy as np

from trainer.evaluation import BUNDLED_ARRIVALS, pooled


def test_every_sample_is_predicted_in_every_repeat(data, evaluation):
    assert evaluation.nested.rows.tolist() == list(range(len(data.y)))
    assert evaluation.nested.probability.shape == (1, len(data.y))
    assert ((evaluation.nested.probability > 0) & (evaluation.nested.probability < 1)).all()


def test_it_tells_malignant_from_benign(data, evaluation):
    called = evaluation.nested.malignant[0]
    assert called[data.y == 1].mean() > 0.9
    assert called[data.y == 0].mean() < 0.2


def test_each_step_in_time_trains_on_all_that_had_arrived(evaluation):
    assert [(arrival.group, arrival.trained_on) for arrival in evaluation.temporal] == [(2, 500), (3, 650)]


def test_a_patient_who_is_known_already_is_no_test(data, evaluation):
    for arrival in evaluation.temporal:
        known = set(data.patients[: arrival.trained_on])
        assert not known & set(data.patients[arrival.predictions.rows])


def test_the_steps_in_time_pool_to_one_set_of_predictions(evaluation):
    together = pooled(evaluation.temporal)
    assert together.rows.min() >= 500
    assert together.probability.shape == (1, len(together.rows))
    assert (np.diff(together.rows) > 0).all()


def test_the_bundled_data_arrived_in_eight_groups():
    assert len(BUNDLED_ARRIVALS) == 8
