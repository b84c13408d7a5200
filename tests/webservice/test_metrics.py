"""What Prometheus is told by one process."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from oncology_model import FEATURES, Classifier
from oncology_model.grades import CODES, draw
from webservice.api import METRICS
from webservice.app import create_app
from webservice.settings import Settings
from webservice.tally import Tally, TallyCollector

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def app(artifact_directory: Path) -> Flask:
    """A service that has counted nothing."""
    return create_app(Settings(model_dir=artifact_directory))


def value(app: Flask, name: str, **labels: str) -> float | None:
    return app.extensions[METRICS].registry.get_sample_value(name, labels)


def test_a_request_is_counted_by_route_method_and_status(app: Flask, client: FlaskClient, tumor: Any) -> None:
    client.post("/predict", json=tumor, buffered=True)
    client.post("/predict", json={}, buffered=True)
    for status in ("200", "422"):
        labels = {"method": "POST", "route": "/predict", "status": status, "key": ""}
        assert value(app, "oncology_requests_total", **labels) == 1
        assert value(app, "oncology_request_seconds_count", route="/predict", status=status) == 1
    assert value(app, "oncology_requests_in_flight") == 0


def test_clients_cannot_make_up_labels(app: Flask, client: FlaskClient) -> None:
    for number in range(3):
        client.open(f"/no/such/{number}", method=f"METHOD{number}", buffered=True)
    labels = {"method": "other", "route": "other", "status": "404", "key": ""}
    assert value(app, "oncology_requests_total", **labels) == 3


def test_a_request_is_in_flight_until_its_answer_ends(app: Flask, client: FlaskClient) -> None:
    response = client.get("/model")
    assert value(app, "oncology_requests_in_flight") == 1
    response.close()
    assert value(app, "oncology_requests_in_flight") == 0


def test_a_prediction_is_counted_by_class_probability_and_grades(app: Flask, client: FlaskClient, tumor: Any) -> None:
    answer = client.post("/predict", json=tumor | {"bare_nuclei": None, "mitoses": 10}, buffered=True).json
    assert answer
    assert value(app, "oncology_predictions_total", prediction=answer["prediction"]) == 1
    bounds = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, math.inf]
    for bound in bounds:
        le = "+Inf" if bound == math.inf else str(bound)
        assert value(app, "oncology_probability_bucket", le=le) == (answer["probability"] <= bound)
    assert value(app, "oncology_feature_grade_total", feature="bare_nuclei", grade="0") == 1
    assert value(app, "oncology_feature_grade_total", feature="mitoses", grade="10") == 1
    assert value(app, "oncology_feature_grade_total", feature="mitoses", grade="1") == 0
    assert value(app, "oncology_feature_grade_total", feature="mitoses", grade="0") is None


def test_a_refused_tumour_counts_as_no_prediction(app: Flask, client: FlaskClient) -> None:
    client.post("/predict", json={"mitoses": 3}, buffered=True)
    assert value(app, "oncology_feature_grade_total", feature="mitoses", grade="3") == 0


def test_many_predictions_count_as_each_of_them_would(artifact_directory: Path) -> None:
    from oncology_model import Tumor  # noqa: PLC0415

    codes = draw(200, seed=3)
    classifier = Classifier(artifact_directory)
    singly, together = Tally(), Tally()
    for row in codes.tolist():
        tumor = Tumor(**{feature: code or None for feature, code in zip(FEATURES, row, strict=True)})
        singly.add(tumor, classifier.assess(tumor))
    together.add_many(codes, classifier.assess_many(codes))
    assert singly.counts().tolist() == together.counts().tolist()
    assert singly.counts()[: len(FEATURES) * CODES].sum() == codes.size


def test_the_model_and_its_training_data_are_told(app: Flask, artifact_directory: Path) -> None:
    classifier = Classifier(artifact_directory)
    model = {"version": classifier.manifest.model_version, "digest": classifier.digest}
    assert value(app, "oncology_model_info", **model) == 1
    expected = classifier.manifest.training_distribution["bare_nuclei"]
    told = [value(app, "oncology_training_grades", feature="bare_nuclei", grade=str(code)) for code in range(CODES)]
    assert told == expected


def test_every_metric_is_named_as_prometheus_wants(app: Flask) -> None:
    names = [family.name for family in app.extensions[METRICS].registry.collect()]
    assert len(names) == len(set(names)) >= 9
    assert all(re.fullmatch("oncology_[a-z_]+", name) for name in names)


def test_nothing_counted_is_told_as_zero() -> None:
    counted = {sample.value for family in TallyCollector(Tally()).collect() for sample in family.samples}
    assert counted == {0}
    assert np.count_nonzero(Tally().counts()) == 0
