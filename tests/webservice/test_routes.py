"""What else the service answers."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from oncology_model import ArtifactError, Classifier
from webservice import api
from webservice.app import create_app
from webservice.service import Service
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from oncology_model import Assessment, Tumor


def test_the_model_is_told_as_its_manifest_is_written(client: FlaskClient, artifact_directory: Path) -> None:
    response = client.get("/model")
    assert response.content_type == "application/json"
    assert response.data == (artifact_directory / "manifest.json").read_bytes()


def test_the_model_is_known_by_its_digest(client: FlaskClient) -> None:
    response = client.get("/model")
    assert response.get_etag() == (hashlib.sha256(response.data).hexdigest(), False)
    unchanged = client.get("/model", headers={"If-None-Match": response.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_a_live_service_says_so_even_while_it_stops(artifact_directory: Path) -> None:
    app = create_app(Settings(model_dir=artifact_directory))
    app.extensions[api.EXTENSION].drain()
    assert app.test_client().get("/livez").json == {"status": "alive"}


def test_a_service_is_ready_after_its_first_prediction_and_until_it_stops(artifact_directory: Path) -> None:
    service = Service(Classifier(artifact_directory))
    assert not service.ready
    service.warm_up()
    assert service.ready
    service.drain()
    assert not service.ready


def test_a_ready_service_says_so(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json) == (200, {"status": "ready"})


def test_a_service_that_stops_asks_for_no_more_requests(artifact_directory: Path) -> None:
    app = create_app(Settings(model_dir=artifact_directory))
    app.extensions[api.EXTENSION].drain()
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.json["detail"] == "The service is starting or stopping: ask elsewhere."


class BrokenClassifier(Classifier):
    """Loads, and fails at every tumour with a message that quotes it."""

    def assess(self, tumor: Tumor, *, explain: bool = False) -> Assessment:
        raise RuntimeError(repr(tumor), explain)


def test_a_model_that_cannot_predict_does_not_become_a_service(artifact_directory: Path) -> None:
    service = Service(BrokenClassifier(artifact_directory))
    with pytest.raises(ArtifactError, match=r"the model 0\.0\.1 was loaded and cannot predict \(RuntimeError\)"):
        service.warm_up()
    assert not service.ready


def test_a_failure_within_is_a_problem_that_neither_answer_nor_log_fills_with_measurements(
    artifact_directory: Path, tumor: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(model_dir=artifact_directory))
    app.extensions[api.EXTENSION] = Service(BrokenClassifier(artifact_directory))
    with caplog.at_level(logging.DEBUG):
        response = app.test_client().post("/predict", json=tumor)
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert response.json["detail"] == "The service failed at this request; its log says where."
    assert "RuntimeError at predict" in caplog.text
    assert "clump_thickness" not in response.text + caplog.text


def test_the_digest_asked_for_must_be_the_artifacts(artifact_directory: Path) -> None:
    with pytest.raises(ArtifactError, match="ONCOLOGY_MODEL_DIGEST expects"):
        create_app(Settings(model_dir=artifact_directory, model_digest="0" * 64))


def test_the_service_needs_neither_scikit_learn_nor_pandas() -> None:
    code = (
        "import sys, webservice.app, webservice.routes; "
        "print(sorted({'sklearn', 'pandas', 'scipy', 'joblib'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
