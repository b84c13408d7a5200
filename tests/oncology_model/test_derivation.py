"""A scorecard is derived from whatever is additive in log-odds, and proven to say the same; others have none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from oncology_model.derivation import NotAdditiveError, derive, prove
from oncology_model.estimator import EstimatorScorer
from oncology_model.grades import LOWEST_CODES
from oncology_model.scorecard import ScorecardScorer

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.model_selection import FixedThresholdClassifier

    from oncology_model.scorecard import Scorecard

THRESHOLD = 0.3


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
def estimator(additive_estimator: FixedThresholdClassifier) -> EstimatorScorer:
    return EstimatorScorer(additive_estimator)


@pytest.fixture(scope="module")
def scorecard(estimator: EstimatorScorer, training_codes: NDArray[np.int16]) -> Scorecard:
    return derive(estimator, THRESHOLD, training_codes)


@pytest.fixture(scope="module")
def scorer(scorecard: Scorecard) -> ScorecardScorer:
    return ScorecardScorer(scorecard)


codes_of_any_tumour = st.tuples(*(st.integers(lowest, 10) for lowest in LOWEST_CODES.tolist()))


@given(codes=st.lists(codes_of_any_tumour, min_size=1, max_size=200))
def test_scorecard_and_estimator_agree_on_every_tumour(
    scorer: ScorecardScorer, estimator: EstimatorScorer, codes: list[tuple[int, ...]]
):
    found, expected = (each.probabilities(np.array(codes)) for each in (scorer, estimator))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found >= THRESHOLD, expected >= THRESHOLD)


@given(codes=codes_of_any_tumour)
def test_the_contributions_sum_to_the_log_odds(
    scorer: ScorecardScorer, estimator: EstimatorScorer, codes: tuple[int, ...]
):
    log_odds = scorer.intercept + sum(scorer.contributions(codes))
    assert 1 / (1 + math.exp(-log_odds)) == pytest.approx(estimator.probability(codes), abs=1e-12)


def test_contributions_are_relative_to_the_training_mean(
    scorer: ScorecardScorer, estimator: EstimatorScorer, training_codes: NDArray[np.int16]
):
    np.testing.assert_allclose(scorer.contributions_of_many(training_codes).mean(axis=0), 0, atol=1e-12)
    probability = estimator.probabilities(training_codes)
    assert scorer.intercept == pytest.approx(np.log(probability / (1 - probability)).mean(), abs=1e-8)


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


def test_one_tumour_in_another_class_disproves_a_scorecard(
    scorecard: Scorecard, scorer: ScorecardScorer, training_codes: NDArray[np.int16]
):
    threshold = scorer.probability(training_codes[0].tolist())

    class BarelyLess:
        def probabilities(self, codes: NDArray[np.int16]) -> NDArray[np.float64]:
            return np.nextafter(scorer.probabilities(codes), 0)

    with pytest.raises(NotAdditiveError, match=r"put \d+ of 10400 tumours in different classes"):
        prove(scorecard, BarelyLess(), threshold, training_codes)


def test_a_scorecard_with_one_changed_entry_is_disproved(
    scorecard: Scorecard, estimator: EstimatorScorer, training_codes: NDArray[np.int16]
):
    mitoses = [*scorecard.tables["mitoses"][:-1], scorecard.tables["mitoses"][-1] + 0.001]
    changed = scorecard.model_copy(update={"tables": scorecard.tables | {"mitoses": mitoses}})
    with pytest.raises(NotAdditiveError, match=r"differ by up to 0\.0002\d* in probability"):
        prove(changed, estimator, THRESHOLD, training_codes)
