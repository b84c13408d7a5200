"""What Amazon SageMaker asks of a container that serves.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson
from flask import Response, current_app

from webservice import batch_answers, documentation, reading
from webservice.answers import JSON
from webservice.api import Resource, namespace, service
from webservice.batch_answers import BatchAnswer
from webservice.batch_reading import CSV
from webservice.invocation_reading import read_invocation
from webservice.routes.health import NOT_READY

if TYPE_CHECKING:
    from webservice.sagemaker import ExecutionParameters

routes = namespace("sagemaker", "As Amazon SageMaker asks it; Azure ML is content with it too.")

DESCRIPTION: Final = (
    'The body is a tumour, an array of tumours, or {"instances": [...]}, which is answered by {"predictions": [...]}; '
    "or CSV, as at /predict/batch or without a header, and then with the nine measurements in the order in which the "
    "model takes them. The answer has the same form and order, or the form that Accept asks for. A wrong row refuses "
    "the request. Limits are those of /predict/batch."
)

_MIB: Final = 1024 * 1024


@routes.route("/ping")
@routes.doc(
    get={
        "id": "ping",
        "produces": ["text/plain"],
        "responses": {
            200: "As /readyz: send requests here.",
            503: NOT_READY,
        },
    }
)
class Ping(Resource):
    """As ``/readyz``, without a body."""

    def get(self) -> Response:
        """Tell whether the service wants requests."""
        status = HTTPStatus.OK if service().ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(status=status, mimetype="text/plain")


@routes.route("/invocations")
@routes.doc(
    post={
        "id": "invocations",
        "description": DESCRIPTION,
        "consumes": [JSON, CSV],
        "expect": [documentation.INVOCATION],
        "examples": {CSV: documentation.EXAMPLE_CSV},
        "produces": [JSON, CSV, documentation.PRODUCES[-1]],
        "responses": {
            200: ("What the model says of each tumour.", documentation.INVOCATION_ANSWER),
            400: ("The body is not JSON or not gzip, or has a field twice.", documentation.PROBLEM),
            406: ("The answer is wanted in another form.", documentation.PROBLEM),
            413: ("The body is too large, or has too many rows.", documentation.PROBLEM),
            415: ("The body is not said to be JSON or CSV, or is compressed in another way.", documentation.PROBLEM),
            422: ("Rows or columns are wrong; the first 100 wrong fields are named.", documentation.PROBLEM),
        },
    }
)
class Invocations(Resource):
    """One tumour in, or many; as many predictions out."""

    def post(self) -> Response:
        """Classify as SageMaker's clients ask for it."""
        reading.read_flags()
        media_type = batch_answers.wanted_type()
        invocation = read_invocation(batch_answers.added_columns(explain=False, inline=False))
        serving = service()
        assessments = serving.assess_many(invocation.batch.tumors.matrix, explain=False)
        answer = BatchAnswer(assessments, serving.model_version, None)
        return batch_answers.respond(answer, invocation.batch.csv, media_type, invocation.around)


@routes.route("/execution-parameters")
@routes.doc(
    get={
        "id": "execution_parameters",
        "produces": [JSON],
        "responses": {200: ("What to do.", documentation.EXECUTION_PARAMETERS)},
    }
)
class Capacity(Resource):
    """Where a transform job does not say itself how to call."""

    def get(self) -> Response:
        """Tell how many requests at a time, and how large ones, this service is made for."""
        told: ExecutionParameters = {
            "MaxConcurrentTransforms": current_app.config["CAPACITY"],
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": max(1, current_app.config["MAX_BATCH_BYTES"] // _MIB),
        }
        return Response(orjson.dumps(told), content_type=JSON)
