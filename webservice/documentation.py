"""What the documents show: the definitions by which requests are checked and answers are written."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Final

from pydantic import Field

from oncology_model import FEATURES, Tumor
from oncology_model.manifest import Manifest
from webservice.answers import JSON, Answer, Status
from webservice.batch_answers import WrongRow
from webservice.invocation_reading import Instances, Predictions
from webservice.open_inference import (
    InferenceRequest,
    InferenceResponse,
    Liveness,
    ModelMetadata,
    ModelReadiness,
    Readiness,
    ServerMetadata,
)
from webservice.problems import MEDIA_TYPE, InferenceError, ProblemDocument
from webservice.sagemaker import ExecutionParameters
from webservice.schemas import Model
from webservice.service import EXAMPLE

EXAMPLE_BODY: Final = dataclasses.asdict(EXAMPLE)
EXAMPLE_CSV: Final = "".join(f"{','.join(map(str, row))}\r\n" for row in (FEATURES, EXAMPLE_BODY.values()))

_EXAMPLE_PROBLEM: Final = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Wrong fields: bare_nuclei.",
    "errors": [{"field": "bare_nuclei", "message": "is required"}],
}

PRODUCES: Final = [JSON, MEDIA_TYPE]

TUMOR: Final = Model("Tumor", Tumor, EXAMPLE_BODY)
ANSWER: Final = Model("Answer", Answer)
BATCH_ANSWER: Final = Model(
    "BatchAnswer",
    Annotated[Answer | WrongRow, Field(description="What the model says of one tumour, or what is wrong.")],
)
MANIFEST: Final = Model("Manifest", Manifest)
STATUS: Final = Model("Status", Status)
PROBLEM: Final = Model("Problem", ProblemDocument)
WRONG_FIELDS: Final = Model("WrongFields", ProblemDocument, _EXAMPLE_PROBLEM)
INVOCATION: Final = Model(
    "Invocation",
    Annotated[Tumor | list[Tumor] | Instances, Field(description="A tumour, several, or these as instances.")],
    {"instances": [EXAMPLE_BODY]},
)
INVOCATION_ANSWER: Final = Model(
    "InvocationAnswer",
    Annotated[Answer | list[Answer] | Predictions, Field(description="In the form of the request.")],
)
EXECUTION_PARAMETERS: Final = Model("ExecutionParameters", ExecutionParameters)
SERVER_METADATA: Final = Model("ServerMetadata", ServerMetadata)
LIVENESS: Final = Model("Liveness", Liveness)
READINESS: Final = Model("Readiness", Readiness)
MODEL_METADATA: Final = Model("ModelMetadata", ModelMetadata)
MODEL_READINESS: Final = Model("ModelReadiness", ModelReadiness)
INFERENCE_REQUEST: Final = Model(
    "InferenceRequest",
    InferenceRequest,
    {
        "id": "42",
        "inputs": [
            {"name": "tumors", "shape": [1, 9], "datatype": "FP64", "data": list(EXAMPLE_BODY.values())},
        ],
    },
)
INFERENCE_RESPONSE: Final = Model("InferenceResponse", InferenceResponse)
INFERENCE_ERROR: Final = Model("InferenceError", InferenceError)
