"""The artifact behind BentoML."""

import os
from typing import Annotated

import bentoml
import joblib
import numpy as np
import pandas as pd
from bentoml.validators import DataframeSchema


# An access log line a request would be a cost that the other servers do not have.
@bentoml.service(workers=int(os.environ["BENCH_WORKERS"]), logging={"access": {"enabled": False}})
class Oncology:
    """A table in, probabilities out."""

    def __init__(self) -> None:
        self.model = joblib.load(f"{os.environ['BENCH_ARTIFACT']}/model.joblib")

    @bentoml.api
    async def predict(self, tumors: Annotated[pd.DataFrame, DataframeSchema(orient="records")]) -> np.ndarray:
        """Probability of malignancy of each row."""
        # In the event loop: a thread of its own would only add to these few milliseconds on one core.
        return self.model.predict_proba(tumors)[:, 1]
