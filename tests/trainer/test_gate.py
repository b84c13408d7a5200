"""When the quality gate lets a classifier pass."""

from __future__ import annotations

from trainer.gate import REQUIREMENTS, failures

BOUNDS = {requirement.metric: requirement.default for requirement in REQUIREMENTS}


def nested(**values):
    return {metric: {"value": values.get(metric, bound)} for metric, bound in BOUNDS.items()}


def test_figures_that_just_reach_every_bound_pass():
    assert failures(nested(), BOUNDS) == []


def test_a_figure_below_its_minimum_is_named_with_its_option():
    assert failures(nested(sensitivity=0.9), BOUNDS) == [
        "sensitivity is 0.9000, and must be at least 0.97 (--min-sensitivity)"
    ]


def test_a_figure_above_its_maximum_is_named_with_its_option():
    assert failures(nested(brier_score=0.1), BOUNDS) == [
        "brier_score is 0.1000, and must be at most 0.035 (--max-brier-score)"
    ]


def test_every_failure_is_named_at_once():
    assert len(failures(nested(sensitivity=0.1, specificity=0.1, roc_auc=0.1), BOUNDS)) == 3


def test_a_figure_that_is_no_number_fails():
    assert failures(nested(roc_auc=float("nan")), BOUNDS)
