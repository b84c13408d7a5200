"""The service over a small artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from webservice.app import create_app
from webservice.documentation import EXAMPLE_BODY
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture(scope="session")
def app(artifact_directory: Path) -> Flask:
    return create_app(Settings(model_dir=artifact_directory))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def tumor() -> dict[str, Any]:
    """A valid body."""
    return dict(EXAMPLE_BODY)
