"""The artifact behind LitServe."""

import os
from typing import Any

import joblib
import litserve
import numpy as np
import pandas as pd


class Oncology(litserve.LitAPI):
    """A table in, probabilities out."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe's signature
        """Load the artifact."""
        self.model = joblib.load(f"{os.environ['BENCH_ARTIFACT']}/model.joblib")

    def decode_request(self, request: dict[str, Any]) -> pd.DataFrame:
        """JSON to a table."""
        return pd.DataFrame(request["tumors"])

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Probability of malignancy of each row."""
        return self.model.predict_proba(x)[:, 1]

    def encode_response(self, output: np.ndarray) -> dict[str, Any]:
        """Probabilities to JSON."""
        return {"probability": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Oncology(), accelerator="cpu", workers_per_device=int(os.environ["BENCH_WORKERS"]))
    server.run(
        host="127.0.0.1",
        port=int(os.environ["BENCH_PORT"]),
        # One API process, as on one core; else it starts as many as there are workers.
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
        access_log=False,
    )
