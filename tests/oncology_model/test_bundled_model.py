"""The artifact inside the package, as `make train` leaves it: what its users rely on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncology_model import FEATURES, Classifier
from oncology_model.grades import CODES, LOWEST_CODES

ANY_TUMOUR = st.tuples(*(st.integers(lowest, CODES - 1) for lowest in LOWEST_CODES.tolist()))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(engine="scorecard")


@pytest.fixture(scope="module")
def through_scikit_learn() -> Classifier:
    return Classifier(engine="estimator")


@given(codes=st.lists(ANY_TUMOUR, min_size=1, max_size=200))
def test_its_scorecard_says_what_its_estimator_says(
    classifier: Classifier, through_scikit_learn: Classifier, codes: list[tuple[int, ...]]
):
    found, expected = (each.assess_many(codes) for each in (classifier, through_scikit_learn))
    np.testing.assert_allclose(found.probability, expected.probability, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found.malignant, expected.malignant)


@pytest.mark.parametrize("feature", FEATURES)
def test_no_rise_of_a_grade_lowers_the_probability(classifier: Classifier, feature: str):
    table = classifier.manifest.scorecard.tables[feature][1:]
    assert all(lower <= higher for lower, higher in pairwise(table))
    assert classifier.manifest.scorecard.falls() == []
