"""Predictions for one tumour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from webservice import answers, documentation, reading
from webservice.api import Resource, namespace, service

if TYPE_CHECKING:
    from flask import Response

routes = namespace("predictions", "Is a tumour benign or malignant?")

EXPLAIN: Final = {
    "type": "boolean",
    "default": False,
    "description": "Also answer what each measurement contributes.",
}


@routes.route("/predict")
@routes.doc(
    post={
        "id": "predict",
        "expect": [documentation.TUMOR],
        "params": {"explain": EXPLAIN},
        "produces": documentation.PRODUCES,
        "responses": {
            200: ("What the model says.", documentation.ANSWER),
            400: ("The body is not JSON, or has a field twice.", documentation.PROBLEM),
            413: ("The body is too large.", documentation.PROBLEM),
            415: ("The body is not said to be JSON.", documentation.PROBLEM),
            422: ("Fields or parameters are wrong; all of them are named.", documentation.WRONG_FIELDS),
        },
    }
)
class Predict(Resource):
    """One tumour in, one prediction out."""

    def post(self) -> Response:
        """Classify one tumour."""
        (explain,) = reading.read_flags("explain")
        tumor = reading.read_tumor()
        serving = service()
        return answers.of_assessment(serving.assess(tumor, explain=explain), serving.model_version)
