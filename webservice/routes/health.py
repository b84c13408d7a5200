"""What the orchestrator asks: does it live, and should it get requests?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import orjson

from webservice import documentation
from webservice.answers import JSON
from webservice.api import Resource, namespace, service
from webservice.framework import Response
from webservice.problems import ProblemError

routes = namespace("health", "Is the service alive, and is it ready?")

NOT_READY: Final = "The service is starting or stopping: ask elsewhere."

_ALIVE: Final = orjson.dumps({"status": "alive"})
_READY: Final = orjson.dumps({"status": "ready"})


@routes.route("/livez")
@routes.doc(get={"id": "livez", "produces": [JSON], "responses": {200: ("The process answers.", documentation.STATUS)}})
class Livez(Resource):
    """Fails where a restart would help."""

    def get(self) -> Response:
        """Tell whether the process is alive."""
        return Response(_ALIVE, content_type=JSON)


@routes.route("/readyz")
@routes.doc(
    get={
        "id": "readyz",
        "produces": documentation.PRODUCES,
        "responses": {
            200: ("The model is loaded and verified, and has made a real prediction.", documentation.STATUS),
            503: (NOT_READY, documentation.PROBLEM),
        },
    }
)
class Readyz(Resource):
    """Fails where requests should go elsewhere."""

    def get(self) -> Response:
        """Tell whether the service wants requests."""
        if not service().ready:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, NOT_READY)
        return Response(_READY, content_type=JSON)
