"""The artifact behind FastAPI, as one would write it by hand."""

import os
from typing import Annotated

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel, Field

Grade = Annotated[int, Field(ge=1, le=10)]

app = FastAPI()
model = joblib.load(f"{os.environ['BENCH_ARTIFACT']}/model.joblib")


class Tumor(BaseModel):
    """Nine grades."""

    clump_thickness: Grade
    uniformity_of_cell_size: Grade
    uniformity_of_cell_shape: Grade
    marginal_adhesion: Grade
    single_epithelial_cell_size: Grade
    bare_nuclei: Grade | None
    bland_chromatin: Grade
    normal_nucleoli: Grade
    mitoses: Grade


class Answer(BaseModel):
    """What is said of one tumour."""

    probability: float


# Coroutines, although they compute: on one core FastAPI's thread pool would only add a hop to each request.
@app.post("/predict")
async def predict(tumor: Tumor) -> Answer:
    """Classify one tumour."""
    return Answer(probability=_probabilities([tumor])[0])


@app.post("/predict/batch")
async def predict_batch(tumors: list[Tumor]) -> list[Answer]:
    """Classify many."""
    return [Answer(probability=probability) for probability in _probabilities(tumors)]


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the server is alive."""
    return {"status": "ok"}


def _probabilities(tumors: list[Tumor]) -> list[float]:
    frame = pd.DataFrame([tumor.model_dump() for tumor in tumors]).astype(float)
    probabilities: list[float] = model.predict_proba(frame)[:, 1].tolist()
    return probabilities
