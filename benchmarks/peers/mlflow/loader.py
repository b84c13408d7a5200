"""The artifact behind MLflow: a model that loads ``model.joblib`` as it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Probabilities:
    """What MLflow calls."""

    def __init__(self, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn has no types
        self._estimator = estimator

    def predict(self, tumors: pd.DataFrame) -> np.ndarray:
        """Probability of malignancy of each row."""
        return self._estimator.predict_proba(tumors)[:, 1]


def _load_pyfunc(path: str) -> Probabilities:
    return Probabilities(joblib.load(path))


def _save(artifact: str, model: str) -> None:
    import shutil  # noqa: PLC0415 - only what makes the model needs these

    import mlflow.pyfunc  # noqa: PLC0415

    shutil.rmtree(model, ignore_errors=True)
    # No signature: MLflow would check every request against it, and be slower.
    mlflow.pyfunc.save_model(
        model, loader_module="loader", data_path=artifact, code_paths=[__file__], pip_requirements=["scikit-learn"]
    )


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    _save(*sys.argv[1:])
