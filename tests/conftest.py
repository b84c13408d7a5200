"""Small, seeded artifacts that the tests of every package share."""

from __future__ import annotations

import io
import platform
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import settings
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline

from oncology_model import artifact, derivation, grades
from oncology_model.datamodel import FEATURES
from oncology_model.estimator import EstimatorScorer
from oncology_model.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from oncology_model.scorecard import Scorecard


THRESHOLD = 0.3

# A time limit would fail on a busy machine.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def training_codes() -> NDArray[np.intp]:
    """Four hundred drawn tumours, some without bare_nuclei."""
    return grades.draw(400, seed=1)


@pytest.fixture(scope="session")
def training_frame(training_codes: NDArray[np.intp]) -> pd.DataFrame:
    return pd.DataFrame(grades.decode(training_codes), columns=list(FEATURES))


@pytest.fixture(scope="session")
def training_classes(training_codes: NDArray[np.intp]) -> NDArray[np.int_]:
    """1 where the grades, give or take, are high."""
    noise = np.random.default_rng(2).normal(0, 5, len(training_codes))
    return (training_codes.sum(axis=1) + noise > 48).astype(int)


@pytest.fixture(scope="session")
def additive_estimator(training_frame: pd.DataFrame, training_classes: NDArray[np.int_]) -> FixedThresholdClassifier:
    pipeline = make_pipeline(SimpleImputer(strategy="median"), LogisticRegression(C=0.1))
    return _with_threshold(pipeline, training_frame, training_classes)


@pytest.fixture(scope="session")
def forest(training_frame: pd.DataFrame, training_classes: NDArray[np.int_]) -> FixedThresholdClassifier:
    forest = make_pipeline(SimpleImputer(strategy="median"), RandomForestClassifier(10, max_depth=4, random_state=0))
    return _with_threshold(forest, training_frame, training_classes)


def _with_threshold(estimator: Any, frame: pd.DataFrame, classes: NDArray[np.int_]) -> FixedThresholdClassifier:
    fitted = FrozenEstimator(estimator.fit(frame, classes))
    return FixedThresholdClassifier(fitted, threshold=THRESHOLD).fit(frame, classes)


@pytest.fixture(scope="session")
def artifact_directory(
    tmp_path_factory: pytest.TempPathFactory,
    additive_estimator: FixedThresholdClassifier,
    training_codes: NDArray[np.intp],
) -> Path:
    """An artifact that serves from its scorecard."""
    card = derivation.derive(EstimatorScorer(additive_estimator), THRESHOLD, training_codes)
    return _write(tmp_path_factory.mktemp("additive"), additive_estimator, card, training_codes)


@pytest.fixture(scope="session")
def forest_artifact_directory(
    tmp_path_factory: pytest.TempPathFactory, forest: FixedThresholdClassifier, training_codes: NDArray[np.intp]
) -> Path:
    """An artifact that is not additive, so that it serves through scikit-learn."""
    return _write(tmp_path_factory.mktemp("forest"), forest, None, training_codes)


def _write(
    directory: Path,
    estimator: FixedThresholdClassifier,
    card: Scorecard | None,
    codes: NDArray[np.intp],
) -> Path:
    dumped = io.BytesIO()
    joblib.dump(estimator, dumped)
    counts = {
        feature: np.bincount(column, minlength=grades.CODES).tolist()
        for feature, column in zip(FEATURES, codes.T, strict=True)
    }
    manifest = Manifest(
        model_version="0.0.1",
        model_sha256=artifact.sha256(dumped.getvalue()),
        data_sha256=artifact.sha256(codes.tobytes()),
        versions={
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        features=list(FEATURES),
        threshold=THRESHOLD,
        training_distribution=counts,
        metrics={},
        scorecard=card,
    )
    artifact.write(directory, dumped.getvalue(), manifest)
    return directory
