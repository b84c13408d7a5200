"""The Open Inference Protocol, version 2, over REST: what KServe, Seldon and Triton's clients speak.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import request

import oncology_model
from oncology_model import FEATURES
from oncology_model.datamodel import MISSABLE
from webservice import batch_reading, documentation, tensors
from webservice.answers import JSON
from webservice.api import Resource, namespace, service
from webservice.framework import Response
from webservice.problems import ProblemError, wrong_cells
from webservice.routes.health import NOT_READY

if TYPE_CHECKING:
    from webservice.open_inference import InferenceRequest, InferenceResponse

routes = namespace("open inference protocol", "As KServe, Seldon and Triton's clients ask it.")

MODEL: Final = "oncology"

_SERVER: Final = {"name": MODEL, "version": oncology_model.__version__, "extensions": []}
_LIVE: Final = {"live": True}
_READY: Final = {"ready": True}

_INPUTS: Final = [
    # Only a float can be NaN.
    {"name": feature, "datatype": "FP64" if feature in MISSABLE else "INT64", "shape": [-1]}
    for feature in FEATURES
]
_OUTPUTS: Final = [
    {"name": "prediction", "datatype": "BYTES", "shape": [-1]},
    {"name": "probability", "datatype": "FP64", "shape": [-1]},
]

_PARAMS: Final = {"model": {"description": "The model.", "enum": [MODEL]}}
_VERSION_PARAMS: Final = _PARAMS | {"version": {"description": f"Of the model; see /v2/models/{MODEL}."}}
_UNKNOWN: Final = {404: ("There is no such model, or not in this version.", documentation.INFERENCE_ERROR)}
_UNREADY: Final = {503: (NOT_READY, documentation.INFERENCE_ERROR)}


def _answer(told: Any) -> Response:  # noqa: ANN401 - anything JSON can be
    return Response(orjson.dumps(told), content_type=JSON)


def _check(model: str, version: str | None) -> str:
    """The version of the model that is meant.

    Raises:
        ProblemError: it is not the one that is here.
    """
    here = service().model_version
    if model != MODEL or version not in {None, here}:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"There is no such model: this is {MODEL}, version {here}.")
    return here


def _check_ready() -> None:
    if not service().ready:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, NOT_READY)


def _read() -> InferenceRequest:
    if "Inference-Header-Content-Length" in request.headers:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "Tensors must come as JSON: their binary form is not read (binary_data=False)."
        )
    # Triton's client does not say that it sends JSON.
    body = batch_reading.read_content(JSON, or_unsaid=True)
    return tensors.check_request(batch_reading.parse_bounded(body, allow_nan=True))


@routes.route("/v2")
@routes.doc(
    get={
        "id": "server_metadata",
        "produces": [JSON],
        "responses": {200: ("What it is.", documentation.SERVER_METADATA)},
    }
)
class Server(Resource):
    """The server."""

    def get(self) -> Response:
        """Tell what server this is."""
        return _answer(_SERVER)


@routes.route("/v2/health/live")
@routes.doc(
    get={"id": "server_live", "produces": [JSON], "responses": {200: ("The process answers.", documentation.LIVENESS)}}
)
class Live(Resource):
    """As ``/livez``."""

    def get(self) -> Response:
        """Tell whether the process is alive."""
        return _answer(_LIVE)


@routes.route("/v2/health/ready")
@routes.doc(
    get={
        "id": "server_ready",
        "produces": [JSON],
        "responses": {200: ("Send requests here.", documentation.READINESS), **_UNREADY},
    }
)
class Ready(Resource):
    """As ``/readyz``."""

    def get(self) -> Response:
        """Tell whether the service wants requests."""
        _check_ready()
        return _answer(_READY)


@routes.route("/v2/models/<model>", doc={"params": _PARAMS, "get": {"id": "model_metadata"}})
@routes.route(
    "/v2/models/<model>/versions/<version>", doc={"params": _VERSION_PARAMS, "get": {"id": "model_version_metadata"}}
)
@routes.doc(
    get={
        "produces": [JSON],
        "responses": {200: ("Its versions, inputs and outputs.", documentation.MODEL_METADATA), **_UNKNOWN},
    }
)
class Model(Resource):
    """The model."""

    def get(self, model: str, version: str | None = None) -> Response:
        """Tell the inputs and outputs of the model."""
        here = _check(model, version)
        return _answer(
            {"name": MODEL, "versions": [here], "platform": "oncology-model", "inputs": _INPUTS, "outputs": _OUTPUTS}
        )


@routes.route("/v2/models/<model>/ready", doc={"params": _PARAMS, "get": {"id": "model_ready"}})
@routes.route(
    "/v2/models/<model>/versions/<version>/ready",
    doc={"params": _VERSION_PARAMS, "get": {"id": "model_version_ready"}},
)
@routes.doc(
    get={
        "produces": [JSON],
        "responses": {200: ("Send requests here.", documentation.MODEL_READINESS), **_UNKNOWN, **_UNREADY},
    }
)
class ModelReady(Resource):
    """As ``/readyz``."""

    def get(self, model: str, version: str | None = None) -> Response:
        """Tell whether the model wants requests."""
        _check(model, version)
        _check_ready()
        return _answer({"name": MODEL, **_READY})


@routes.route("/v2/models/<model>/infer", doc={"params": _PARAMS, "post": {"id": "model_infer"}})
@routes.route(
    "/v2/models/<model>/versions/<version>/infer",
    doc={"params": _VERSION_PARAMS, "post": {"id": "model_version_infer"}},
)
@routes.doc(
    post={
        "expect": [documentation.INFERENCE_REQUEST],
        "produces": [JSON],
        "responses": {
            200: ("What the model says.", documentation.INFERENCE_RESPONSE),
            400: ("The body is no request, or tensors or grades are wrong.", documentation.INFERENCE_ERROR),
            **_UNKNOWN,
            413: ("The body is too large.", documentation.INFERENCE_ERROR),
            415: ("The body is not said to be JSON.", documentation.INFERENCE_ERROR),
        },
    }
)
class Infer(Resource):
    """Tensors in, tensors out."""

    def post(self, model: str, version: str | None = None) -> Response:
        """Classify the tumours in tensors."""
        here = _check(model, version)
        asked = _read()
        tumors = tensors.read_tumors(asked["inputs"], batch_reading.most_rows())
        if tumors.errors:
            raise wrong_cells(tumors.errors)
        assessments = service().assess_many(tumors.matrix, explain=False)
        outputs = tensors.output_tensors(assessments, asked.get("outputs", []))
        response: InferenceResponse = {"model_name": MODEL, "model_version": here, "outputs": outputs}
        if "id" in asked:
            response["id"] = asked["id"]
        return _answer(response)
