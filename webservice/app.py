"""The Flask application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from webservice import api, guard, problems, routes, tracing
from webservice.cors import Cors
from webservice.cpu import available_cpus
from webservice.framework import Flask
from webservice.keys import Keys
from webservice.metrics import Metrics
from webservice.observation import Observation
from webservice.routes import page
from webservice.service import Service
from webservice.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

DESCRIPTION = (
    "Tells whether a breast tumour is benign or malignant, from nine cytology grades of a fine-needle aspirate. "
    "For research and teaching: it is not a medical device. [openapi.json](openapi.json) says all this in OpenAPI 3.1, "
    "from which clients can be generated."
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application, its model loaded and ready.

    Args:
        settings: those in the environment by default.

    Raises:
        SettingsError: the environment has wrong settings, or the file of keys is not as it should be.
        ArtifactError: the artifact must not or cannot be used.
    """
    settings = settings or Settings.from_environment()
    app = Flask("webservice", static_folder="swagger_ui", static_url_path="/docs")
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_BATCH_BYTES"] = settings.max_batch_bytes
    app.config["MAX_BATCH_ROWS"] = settings.max_batch_rows
    # Else the documentation shows a header X-Fields, which selects fields of answers, and which nothing here heeds.
    app.config["RESTX_MASK_SWAGGER"] = False
    app.extensions[api.EXTENSION] = service = Service.load(settings)
    workers = settings.workers or available_cpus()
    app.config["CAPACITY"] = settings.threads * workers
    metrics = Metrics(service, workers, app.config["CAPACITY"])
    app.extensions[api.METRICS] = metrics
    # The method is the WSGI application: tests, tools and servers go on calling the object itself.
    app.wsgi_app = _wrapped(app.wsgi_app, metrics, settings)  # type: ignore[assignment,method-assign]
    problems.register(app)
    # Before the API, whose own root would be found first.
    app.register_blueprint(page.routes)
    documented = api.Api(app, title="Oncology", description=DESCRIPTION, version="1", doc="/docs")
    if settings.api_keys_file:
        page.take_keys(app)
        guard.register(app, Keys(settings.api_keys_file))
        documented.authorizations = guard.AUTHORIZATIONS
    documented.error_handlers.clear()  # of fields that clients might select; see above
    routes.register(documented)
    return app


def _wrapped(app: WSGIApplication, metrics: Metrics, settings: Settings) -> WSGIApplication:
    if settings.origins:
        app = Cors(app, settings.origins)
    app = Observation(app, metrics, tracing.exporter())
    if hops := settings.proxy_hops:
        app = ProxyFix(app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
    return app
