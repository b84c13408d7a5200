"""Flask-RESTX as this service uses it: for routing and documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import flask_restx
from flask import current_app, redirect, url_for
from flask.views import MethodView

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from webservice.service import Service

EXTENSION: Final = "oncology"
"""Where the application keeps its service."""

METRICS: Final = "oncology-metrics"
"""Where it keeps what counts its requests."""


class Resource(flask_restx.Resource):  # type: ignore[misc]
    """A resource that keeps no state, so that one serves all requests."""

    init_every_request = False

    def dispatch_request(self, **values: object) -> ResponseReturnValue:
        """Call the handler as Flask does: what it answers is ready, and needs nothing more of Flask-RESTX."""
        return MethodView.dispatch_request(self, **values)


class Api(flask_restx.Api):  # type: ignore[misc]
    """An API whose errors are answered by :mod:`webservice.problems`."""

    def error_router(
        self, original_handler: Callable[[Exception], ResponseReturnValue], e: Exception
    ) -> ResponseReturnValue:
        """Leave errors to Flask: Flask-RESTX would answer some, in another form."""
        return original_handler(e)

    def render_root(self) -> Response:
        """Lead people to the documentation."""
        return redirect(url_for(self.endpoint("doc")))


def namespace(name: str, description: str) -> Any:  # noqa: ANN401 - Flask-RESTX has no types
    """A family of routes; ``name`` is its heading in the documentation."""
    return flask_restx.Namespace(name, description, path="/")


def service() -> Service:
    """The service of the application that answers the current request."""
    return cast("Service", current_app.extensions[EXTENSION])
