"""The candidates are scikit-learn's own, take missing values, and are as additive as they claim."""

from __future__ import annotations

import io
import pickletools

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from oncology_model import derivation
from oncology_model.estimator import EstimatorScorer
from trainer.candidates import candidates

ALL = candidates(seed=0)
EACH = pytest.mark.parametrize("candidate", ALL, ids=lambda candidate: candidate.name)


@EACH
def test_its_file_names_no_module_but_those_of_scikit_learn_and_what_it_stands_on(candidate, data):
    buffer = io.BytesIO()
    joblib.dump(clone(candidate.estimator).fit(data.X, data.y), buffer)
    strings = {argument for _, argument, _ in pickletools.genops(buffer.getvalue()) if isinstance(argument, str)}
    assert not [name for name in strings if name.startswith(("trainer", "oncology_model"))]


@EACH
def test_it_is_additive_if_and_only_if_it_is_a_logistic_regression(candidate, data):
    fitted = EstimatorScorer(clone(candidate.estimator).fit(data.X, data.y))
    if candidate.family.startswith("logistic regression"):
        assert derivation.derive(fitted, 0.5, data.codes).tables
    else:
        with pytest.raises(derivation.NotAdditiveError):
            derivation.derive(fitted, 0.5, data.codes)


@EACH
def test_it_takes_a_missing_measurement(candidate, data):
    fitted = clone(candidate.estimator).fit(data.X, data.y)
    missing = data.X[data.X["bare_nuclei"].isna()]
    assert np.isfinite(fitted.predict_proba(missing)).all()


def test_they_are_declared_from_simple_to_complex():
    complexities = [candidate.complexity for candidate in ALL]
    assert complexities == sorted(complexities)
