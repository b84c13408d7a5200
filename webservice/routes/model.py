"""What the model is that answers."""

from __future__ import annotations

from flask import Response, request

from webservice import documentation
from webservice.answers import JSON
from webservice.api import Resource, namespace, service

routes = namespace("model", "What is the model that answers?")


@routes.route("/model")
@routes.doc(
    get={
        "id": "model",
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
        response = Response(serving.manifest, content_type=JSON)
        response.set_etag(serving.digest)
        response.cache_control.no_cache = True
        response.make_conditional(request)
        return response
