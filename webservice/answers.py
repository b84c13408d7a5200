"""What the service answers, serialised once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, NotRequired

import orjson
from flask import request
from pydantic import Field
from typing_extensions import TypedDict

from webservice.framework import Response

if TYPE_CHECKING:
    from oncology_model import Assessment

JSON: Final = "application/json"

_Probability = Annotated[float, Field(ge=0, le=1)]


class Answer(TypedDict):
    """What the model says of one tumour."""

    prediction: Annotated[
        Literal["benign", "malignant"], Field(description="Malignant where the probability reaches the threshold.")
    ]
    probability: Annotated[_Probability, Field(description="Of malignancy.", examples=[0.02])]
    threshold: Annotated[
        _Probability, Field(description="From which probability a tumour is called malignant.", examples=[0.2])
    ]
    model_version: Annotated[str, Field(description="Of the model that made the prediction; see /model.")]
    contributions: NotRequired[
        Annotated[
            dict[str, float],
            Field(
                description="With explain=true: the log-odds that each measurement adds, relative to its mean over the "
                "training data, and intercept, the mean log-odds. They sum to the log-odds of the probability.",
                examples=[{"intercept": -0.9, "clump_thickness": -0.1, "uniformity_of_cell_size": -0.4}],
            ),
        ]
    ]


class Status(TypedDict):
    """What the service says of itself."""

    status: Literal["alive", "ready"]


def of_assessment(assessment: Assessment, model_version: str) -> Response:
    """The answer that tells an assessment."""
    answer: Answer = {
        "prediction": assessment.prediction.value,
        "probability": assessment.probability,
        "threshold": assessment.threshold,
        "model_version": model_version,
    }
    if assessment.contributions is not None:
        answer["contributions"] = dict(assessment.contributions)
    return Response(orjson.dumps(answer), content_type=JSON)


def unless_known(body: bytes, etag: str, content_type: str = JSON) -> Response:
    """The answer that tells ``body``, unless the client still has it under this tag."""
    response = Response(body, content_type=content_type)
    response.set_etag(etag)
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
