"""The estimator engine: predictions through scikit-learn, imported only where it is asked for."""

from __future__ import annotations

import io
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from oncology_model.artifact import ArtifactError
from oncology_model.datamodel import FEATURES
from oncology_model.grades import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from oncology_model.artifact import Artifact
    from oncology_model.grades import Codes


class EstimatorScorer:
    """Scores tumours by a fitted scikit-learn classifier of classes 0 and 1 that takes the nine columns.

    Args:
        estimator: the fitted classifier.
    """

    def __init__(self, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn has no types
        import pandas as pd  # noqa: PLC0415 - belongs to the extra "estimator"

        self.estimator = estimator
        self._frame = pd.DataFrame

    @classmethod
    def load(cls, artifact: Artifact) -> EstimatorScorer:
        """Unpickle the estimator of a verified artifact.

        Raises:
            ArtifactError: scikit-learn is absent, or is not the version that wrote the estimator.
        """
        _check_scikit_learn(artifact)
        import joblib  # noqa: PLC0415 - belongs to the extra "estimator"

        return cls(joblib.load(io.BytesIO(artifact.model)))

    def probability(self, codes: Sequence[int]) -> float:
        """Probability of malignancy of one tumour."""
        return float(self.probabilities(np.array([codes]))[0])

    def probabilities(self, codes: Codes) -> NDArray[np.float64]:
        """Probability of malignancy of many tumours."""
        probabilities: NDArray[np.float64] = self.estimator.predict_proba(
            self._frame(decode(codes), columns=list(FEATURES))
        )[:, 1]
        return probabilities


def _check_scikit_learn(artifact: Artifact) -> None:
    wrote = artifact.manifest.versions["scikit-learn"]
    minor = ".".join(wrote.split(".")[:2])
    try:
        found = version("scikit-learn")
    except PackageNotFoundError:
        raise ArtifactError(
            f"{artifact.directory} needs scikit-learn {minor}, which is not installed: "
            "pip install 'oncology-model[estimator]', or use the scorecard engine"
        ) from None
    if found.split(".")[:2] != wrote.split(".")[:2]:
        raise ArtifactError(
            f"{artifact.directory} was written by scikit-learn {wrote} and this is {found}, which may read it wrongly: "
            f"install scikit-learn {minor}, or train again with {found}"
        )
