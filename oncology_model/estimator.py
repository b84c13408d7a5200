"""The estimator engine: predictions through scikit-learn, imported only where it is asked for."""

from __future__ import annotations

import io
import warnings
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
            ArtifactError: scikit-learn is absent or not the version that wrote the estimator, or cannot build it.
        """
        _check_versions(artifact)
        import joblib  # noqa: PLC0415 - belongs to the extra "estimator"
        from sklearn.exceptions import InconsistentVersionWarning  # noqa: PLC0415

        try:
            with warnings.catch_warnings():
                # It also warns of another patch release, which is meant to be read.
                warnings.simplefilter("ignore", InconsistentVersionWarning)
                return cls(joblib.load(io.BytesIO(artifact.model)))
        except Exception as error:  # a pickle may raise anything
            wrote = ", ".join(f"{name} {release}" for name, release in artifact.manifest.versions.items())
            raise ArtifactError(
                f"the estimator in {artifact.directory} cannot be built ({type(error).__name__}: {error}): "
                f"install what wrote it ({wrote}), or train again"
            ) from error

    def probability(self, codes: Sequence[int]) -> float:
        """Probability of malignancy of one tumour."""
        return float(self.probabilities(np.array([codes]))[0])

    def probabilities(self, codes: Codes) -> NDArray[np.float64]:
        """Probability of malignancy of many tumours."""
        probabilities: NDArray[np.float64] = self.estimator.predict_proba(
            self._frame(decode(codes), columns=list(FEATURES))
        )[:, 1]
        return probabilities


def _check_versions(artifact: Artifact) -> None:
    wrote = artifact.manifest.versions["scikit-learn"]
    minor = ".".join(wrote.split(".")[:2])
    try:
        found = version("scikit-learn")
        version("pandas")
    except PackageNotFoundError as error:
        or_else = ", or use the scorecard engine" if artifact.manifest.scorecard else ""
        raise ArtifactError(
            f"{artifact.directory} needs scikit-learn {minor} and pandas, and {error.name} is not installed: "
            f"pip install 'oncology-model[estimator]'{or_else}"
        ) from None
    if found.split(".")[:2] != wrote.split(".")[:2]:
        raise ArtifactError(
            f"{artifact.directory} was written by scikit-learn {wrote} and this is {found}, which may read it wrongly: "
            f"install scikit-learn {minor}, or train again with {found}"
        )
