"""What the model is that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webservice import answers, documentation
from webservice.answers import JSON
from webservice.api import Resource, namespace, service

if TYPE_CHECKING:
    from flask import Response

routes = namespace("model", "What is the model that answers?")


@routes.route("/model")
@routes.doc(
    get={
        "id": "model",
        "params": {"If-None-Match": {"in": "header", "description": "The ETag of the manifest that the client has."}},
        "produces": [JSON],
        "responses": {
            200: (
                "The artifact's manifest.",
                documentation.MANIFEST,
                {"headers": {"ETag": "SHA-256 of the manifest, by which an artifact is known."}},
            ),
            304: "The manifest is still the one whose ETag was sent.",
        },
    }
)
class Model(Resource):
    """The artifact that the service was started with."""

    def get(self) -> Response:
        """Tell the version, training data, metrics, threshold and scorecard of the model."""
        serving = service()
        return answers.unless_known(serving.manifest, serving.digest)
