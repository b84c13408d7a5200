"""A scorecard is what an additive estimator says, and other estimators have none."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from oncology_model.datamodel import FEATURES
from oncology_model.estimator import EstimatorScorer
from oncology_model.grades import CODES, LOWEST_CODES, draw
from oncology_model.scorecard import LARGEST_LOG_ODDS, NotAdditiveError, Scorecard, ScorecardScorer, derive, prove

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.model_selection import FixedThresholdClassifier

THRESHOLD = 0.3


def card(**tables: list[float | None]) -> Scorecard:
    """A scorecard whose log-odds rise by 0.1 a grade, where no other table is given."""
    rising = [None, *(grade / 10 for grade in range(1, CODES))]
    return Scorecard(
        intercept=-3, tables=dict.fromkeys(FEATURES, rising) | {"bare_nuclei": [0.0, *rising[1:]]} | tables
    )


class Constant:
    """An estimator that gives every tumour the same probability."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def probabilities(self, codes: NDArray[np.int16]) -> NDArray[np.float64]:
        return np.full(len(codes), self.probability)


@pytest.fixture(scope="module")
def logistic(training_frame: pd.DataFrame, training_classes: NDArray[np.int_]) -> Any:
    steps = SimpleImputer(), FunctionTransformer(np.log), StandardScaler(), LogisticRegression()
    return make_pipeline(*steps).fit(training_frame, training_classes)


@pytest.fixture(scope="module")
def scorers(
    additive_estimator: FixedThresholdClassifier, training_codes: NDArray[np.int16]
) -> tuple[ScorecardScorer, EstimatorScorer]:
    estimator = EstimatorScorer(additive_estimator)
    return ScorecardScorer(derive(estimator, THRESHOLD, training_codes)), estimator


codes_of_any_tumour = st.tuples(*(st.integers(lowest, 10) for lowest in LOWEST_CODES.tolist()))


@given(codes=st.lists(codes_of_any_tumour, min_size=1, max_size=200))
def test_scorecard_and_estimator_agree_on_every_tumour(
    scorers: tuple[ScorecardScorer, EstimatorScorer], codes: list[tuple[int, ...]]
):
    found, expected = (scorer.probabilities(np.array(codes)) for scorer in scorers)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found >= THRESHOLD, expected >= THRESHOLD)


@given(codes=codes_of_any_tumour)
def test_the_contributions_sum_to_the_log_odds(
    scorers: tuple[ScorecardScorer, EstimatorScorer], codes: tuple[int, ...]
):
    scorecard, estimator = scorers
    log_odds = scorecard.intercept + sum(scorecard.contributions(codes))
    probability = estimator.probability(codes)
    assert 1 / (1 + math.exp(-log_odds)) == pytest.approx(probability, abs=1e-12)


@given(codes=codes_of_any_tumour)
def test_one_tumour_and_many_give_the_same_bits(
    scorers: tuple[ScorecardScorer, EstimatorScorer], codes: tuple[int, ...]
):
    scorecard, _ = scorers
    assert scorecard.probabilities(np.array([codes])).tolist() == [scorecard.probability(codes)]
    assert scorecard.contributions_of_many(np.array([codes])).tolist() == [scorecard.contributions(codes)]


def test_contributions_are_relative_to_the_training_mean(
    scorers: tuple[ScorecardScorer, EstimatorScorer], training_codes: NDArray[np.int16]
):
    scorecard, estimator = scorers
    np.testing.assert_allclose(scorecard.contributions_of_many(training_codes).mean(axis=0), 0, atol=1e-12)
    probability = estimator.probabilities(training_codes)
    assert scorecard.intercept == pytest.approx(np.log(probability / (1 - probability)).mean(), abs=1e-8)


def test_a_scorecard_can_be_worked_out_by_hand():
    scorer = ScorecardScorer(card(bare_nuclei=[0.25, *range(1, CODES)]))
    codes = (1, 2, 3, 4, 5, 0, 7, 8, 9)
    assert scorer.contributions(codes) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.25, 0.7, 0.8, 0.9]
    assert scorer.probability(codes) == pytest.approx(1 / (1 + math.exp(3 - 4.15)))


@pytest.mark.parametrize("calibrate", ["frozen", "out of fold"])
def test_an_estimator_stays_additive_when_it_is_calibrated_by_a_sigmoid(
    calibrate: str, logistic: Any, training_frame, training_classes, training_codes
):
    calibrated = (
        CalibratedClassifierCV(FrozenEstimator(logistic), method="sigmoid")
        if calibrate == "frozen"
        else CalibratedClassifierCV(logistic, method="sigmoid", ensemble=False)
    ).fit(training_frame, training_classes)
    estimator = EstimatorScorer(calibrated)
    assert prove(derive(estimator, THRESHOLD, training_codes), estimator, THRESHOLD, training_codes) <= 1e-12


def test_an_estimator_calibrated_by_steps_is_not_additive(
    logistic: Any, training_frame, training_classes, training_codes
):
    calibrated = CalibratedClassifierCV(FrozenEstimator(logistic), method="isotonic")
    with pytest.raises(NotAdditiveError, match=r"too close to 0 or 1|differ by up to"):
        derive(EstimatorScorer(calibrated.fit(training_frame, training_classes)), THRESHOLD, training_codes)


def test_a_forest_is_not_additive(forest: FixedThresholdClassifier, training_codes: NDArray[np.int16]):
    with pytest.raises(NotAdditiveError, match=r"scorecard and estimator differ by up to 0\.\d+ in probability"):
        derive(EstimatorScorer(forest), THRESHOLD, training_codes)


@pytest.mark.parametrize("probability", [0.0, 1.0, 1e-100, math.nan])
def test_an_estimator_that_is_too_sure_has_no_scorecard(probability: float, training_codes: NDArray[np.int16]):
    with pytest.raises(NotAdditiveError, match="probabilities too close to 0 or 1 to tell their log-odds"):
        derive(Constant(probability), THRESHOLD, training_codes)


def test_one_tumour_in_another_class_disproves_a_scorecard(training_codes: NDArray[np.int16]):
    scorecard = card()
    exact = ScorecardScorer(scorecard)
    threshold = exact.probability(training_codes[0].tolist())

    class BarelyLess:
        def probabilities(self, codes: NDArray[np.int16]) -> NDArray[np.float64]:
            return np.nextafter(exact.probabilities(codes), 0)

    with pytest.raises(NotAdditiveError, match=r"put \d+ of 10400 tumours in different classes"):
        prove(scorecard, BarelyLess(), threshold, training_codes)


def test_a_scorecard_with_one_changed_entry_is_disproved(training_codes: NDArray[np.int16]):
    changed = card(mitoses=[None, *(grade / 10 for grade in range(1, 10)), 1.001])
    with pytest.raises(NotAdditiveError, match=r"differ by up to 0\.0002\d* in probability"):
        prove(changed, ScorecardScorer(card()), THRESHOLD, training_codes)


def test_a_monotone_scorecard_falls_nowhere():
    assert card().falls() == []


def test_what_falls_is_named_with_its_place_and_size():
    tables = {"mitoses": [None, 0, 1, 2, 1.5, 2, 3, 4, 5, 6, 5.75]}
    assert card(**tables).falls() == [
        "mitoses: from grade 3 to 4 the log-odds fall by 0.500",
        "mitoses: from grade 9 to 10 the log-odds fall by 0.250",
    ]


def test_a_missing_measurement_is_above_or_below_no_grade():
    assert card(bare_nuclei=[9, *range(1, CODES)]).falls() == []


def test_rounding_is_no_fall():
    assert card(mitoses=[None, *(1 - grade * 1e-12 for grade in range(1, CODES))]).falls() == []


@given(codes=codes_of_any_tumour)
def test_a_rising_grade_never_lowers_the_probability_of_a_monotone_scorecard(codes: tuple[int, ...]):
    scorer = ScorecardScorer(card())
    for place in range(len(FEATURES)):
        rising = [scorer.probability((*codes[:place], grade, *codes[place + 1 :])) for grade in range(1, CODES)]
        assert all(lower < higher for lower, higher in pairwise(rising))


def test_the_most_extreme_scorecard_overflows_nowhere():
    sure = [LARGEST_LOG_ODDS] * CODES
    tables = {feature: [None, *sure[1:]] for feature in FEATURES} | {"bare_nuclei": sure}
    malignant = ScorecardScorer(Scorecard(intercept=LARGEST_LOG_ODDS, tables=tables))
    negative = {feature: [entry and -entry for entry in table] for feature, table in tables.items()}
    benign = ScorecardScorer(Scorecard(intercept=-LARGEST_LOG_ODDS, tables=negative))
    for codes in draw(10, seed=3):
        assert malignant.probability(codes.tolist()) == 1
        assert 0 < benign.probability(codes.tolist()) < 1e-300


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"mitoses": [None, *range(1, 10)]}, "the table of mitoses must have an entry for each of its values"),
        ({"mitoses": list(range(CODES))}, "the table of mitoses must have"),
        ({"bare_nuclei": [None, *range(1, CODES)]}, "the table of bare_nuclei must have"),
        ({"mitoses": [None, math.nan, *range(2, CODES)]}, "finite number"),
        ({"mitoses": [None, LARGEST_LOG_ODDS + 1, *range(2, CODES)]}, "less than or equal to 70"),
        ({"age": [None, *range(1, CODES)]}, "the tables must be those of clump_thickness, "),
    ],
)
def test_incomplete_or_impossible_tables_are_no_scorecard(tables: dict[str, list[float | None]], message: str):
    with pytest.raises(ValidationError, match=message):
        card(**tables)
