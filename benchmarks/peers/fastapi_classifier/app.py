"""Our own classifier behind FastAPI, as one would write it by hand."""

import os

from fastapi import FastAPI
from pydantic import BaseModel

from oncology_model import FEATURES, Classifier, Tumor

app = FastAPI()
classifier = Classifier(os.environ["BENCH_ARTIFACT"])
version = classifier.manifest.model_version


class Answer(BaseModel):
    """What is said of one tumour."""

    prediction: str
    probability: float
    threshold: float
    model_version: str


# Coroutines: FastAPI's thread pool would cost more than the classifier.
@app.post("/predict")
async def predict(tumor: Tumor) -> Answer:
    """Classify one tumour."""
    assessment = classifier.assess(tumor)
    return Answer(
        prediction=assessment.prediction.value,
        probability=assessment.probability,
        threshold=assessment.threshold,
        model_version=version,
    )


@app.post("/predict/batch")
async def predict_batch(tumors: list[Tumor]) -> list[Answer]:
    """Classify many."""
    codes = [[getattr(tumor, feature) or 0 for feature in FEATURES] for tumor in tumors]
    found = classifier.assess_many(codes)
    return [
        Answer(prediction=prediction, probability=probability, threshold=found.threshold, model_version=version)
        for prediction, probability in zip(found.predictions.tolist(), found.probability.tolist(), strict=True)
    ]


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the server is alive."""
    return {"status": "ok"}
