"""The candidates among which the trainer chooses, from scikit-learn's own classes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

if TYPE_CHECKING:
    from collections.abc import Callable

# Around the 0.3 at which every coefficient on the bundled data is positive, so that the model is monotone.
_INVERSE_PENALTIES: Final = (0.1, 0.3, 1.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unfitted estimator."""

    family: str
    setting: str
    """What tells it from others of its family; the best setting stands for the family."""
    complexity: int
    """Of two candidates that are about as good, the one of lower complexity is chosen."""
    estimator: Pipeline

    @property
    def name(self) -> str:
        """Family and setting."""
        return f"{self.family}, {self.setting}" if self.setting else self.family


def _log_grades() -> FunctionTransformer:
    return FunctionTransformer(np.log, feature_names_out="one-to-one")


def _both() -> Any:  # noqa: ANN401 - scikit-learn has no types
    return make_union(FunctionTransformer(feature_names_out="one-to-one"), _log_grades())


def _logistic_regressions(family: str, complexity: int, *transform: Callable[[], Any]) -> list[Candidate]:
    return [
        Candidate(
            f"logistic regression on {family}",
            f"C = {penalty:g}",
            complexity,
            make_pipeline(
                SimpleImputer(strategy="median"),
                *(make() for make in transform),
                StandardScaler(),
                LogisticRegression(C=penalty, solver="newton-cholesky"),
            ),
        )
        for penalty in _INVERSE_PENALTIES
    ]


def candidates(seed: int) -> list[Candidate]:
    """All candidates, from simple to complex: nine coefficients, eighteen, and what no person can add up.

    Args:
        seed: of the random trees.
    """
    trees = ExtraTreesClassifier(n_estimators=50, min_samples_leaf=2, random_state=seed)
    vectors = CalibratedClassifierCV(SVC(), method="sigmoid", cv=3, ensemble=False)
    return [
        *_logistic_regressions("grades", 1),
        *_logistic_regressions("log-grades", 1, _log_grades),
        *_logistic_regressions("grades and log-grades", 2, _both),
        Candidate("extra trees", "", 3, make_pipeline(SimpleImputer(strategy="median"), trees)),
        Candidate(
            "support vectors, calibrated",
            "",
            3,
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), vectors),
        ),
    ]
