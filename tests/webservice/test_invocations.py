"""What Amazon SageMaker asks of a container that serves: /ping, /invocations, /execution-parameters."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from oncology_model import FEATURES
from webservice import api
from webservice.app import create_app
from webservice.service import Service
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Body = dict[str, Any]
JSON, CSV = "application/json", "text/csv"
ROWS = "4,1,2,1,2,1,1,1,1\n10,10,10,10,10,10,10,10,10\n4,1,2,1,2,?,1,1,1\n"


def invoke(client: FlaskClient, body: Any, content_type: str = JSON, **headers: str) -> TestResponse:
    data = body if isinstance(body, str) else json.dumps(body)
    return client.post("/invocations", data=data, content_type=content_type, headers=headers)


def problem(response: TestResponse, status: int = 422) -> Body:
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    document: Body = json.loads(response.text)
    return document


@pytest.fixture
def tumors(tumor: Body) -> list[Body]:
    """Those of ROWS."""
    return [tumor, dict.fromkeys(FEATURES, 10), tumor | {"bare_nuclei": None}]


@pytest.fixture
def answers(client: FlaskClient, tumors: list[Body]) -> list[Body]:
    """What the service says of each of them alone."""
    return [client.post("/predict", json=tumor).json for tumor in tumors]


def test_the_answer_has_the_form_of_the_request(client: FlaskClient, tumors: list[Body], answers: list[Body]) -> None:
    assert invoke(client, tumors[0]).json == answers[0]
    assert invoke(client, tumors).json == answers
    assert invoke(client, {"instances": tumors}).json == {"predictions": answers}


def test_csv_without_header_is_answered_without_one(client: FlaskClient, answers: list[Body]) -> None:
    response = invoke(client, ROWS, CSV)
    assert response.content_type == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.text, newline="")))
    assert [",".join(row[:9]) for row in rows] == ROWS.splitlines()
    told = [[answer["prediction"], answer["probability"], answer["threshold"]] for answer in answers]
    assert [[row[9], float(row[10]), float(row[11])] for row in rows] == told


def test_csv_with_header_is_answered_with_one(client: FlaskClient, answers: list[Body]) -> None:
    header = ",".join(["patient", *FEATURES])
    body = "\n".join([header, *(f"A{row}" for row in ROWS.splitlines())]).replace("A", "7,")
    rows = list(csv.DictReader(io.StringIO(invoke(client, body, CSV).text, newline="")))
    assert [row["prediction"] for row in rows] == [answer["prediction"] for answer in answers]
    assert {row["patient"] for row in rows} == {"7"}


def test_accept_may_ask_for_the_other_form(client: FlaskClient, tumors: list[Body], answers: list[Body]) -> None:
    assert invoke(client, ROWS, CSV, Accept=JSON).json == answers
    rows = list(csv.DictReader(io.StringIO(invoke(client, {"instances": tumors}, Accept=CSV).text, newline="")))
    assert [row["prediction"] for row in rows] == [answer["prediction"] for answer in answers]
    assert invoke(client, ROWS, CSV, Accept="*/*").content_type.startswith(CSV)
    problem(invoke(client, ROWS, CSV, Accept="application/jsonlines"), 406)


def test_what_is_wrong_with_one_tumour_is_told_as_at_predict(client: FlaskClient, tumor: Body) -> None:
    wrong = tumor | {"mitoses": 11}
    assert problem(invoke(client, wrong)) == client.post("/predict", json=wrong).json


@pytest.mark.parametrize("form", ["array", "instances", "csv"])
def test_what_is_wrong_with_rows_is_told_by_row(client: FlaskClient, tumor: Body, form: str) -> None:
    wrong = tumor | {"mitoses": 11}
    rows = "\n".join(",".join(str(row[name]) for name in FEATURES) for row in (tumor, wrong))
    body = {"array": [tumor, wrong], "instances": {"instances": [tumor, wrong]}, "csv": rows}[form]
    (error,) = problem(invoke(client, body, CSV if form == "csv" else JSON))["errors"]
    assert error == {"row": 1, "field": "mitoses", "message": "must be an integer from 1 to 10"}


REFUSED = {
    "eight columns": ("4,1,2,1,2,1,1,1\n", CSV, "not as many cells as the 9 columns, counting rows from 0: row 0."),
    "a row of eight": (ROWS + "4,1,2,1,2,1,1,1\n", CSV, "counting rows from 0: row 3."),
    "another header": ("patient,age\n1,2\n", CSV, "the first row must be a header with the columns clump_thickness"),
    "a header that lacks one": (",".join(FEATURES[1:]) + "\n", CSV, "the header lacks clump_thickness"),
    "nothing": ("", CSV, "the first row must be a header"),
    "instances that are none": ('{"instances": 4}', JSON, "instances must be a JSON array of tumours."),
    "a number": ("4", JSON, "Wrong fields: ."),
}


@pytest.mark.parametrize(("body", "content_type", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_other_forms_are_refused_with_a_reason(client: FlaskClient, body: str, content_type: str, reason: str) -> None:
    assert reason in problem(invoke(client, body, content_type))["detail"]


def test_other_media_types_and_parameters_are_refused(client: FlaskClient, tumor: Body) -> None:
    assert "JSON or CSV" in problem(invoke(client, "4", "application/jsonlines"), 415)["detail"]
    problem(client.post("/invocations?explain=true", json=tumor))


def test_the_limits_of_batches_hold(artifact_directory: Path, tumor: Body) -> None:
    narrow = create_app(Settings(model_dir=artifact_directory, max_batch_rows=3)).test_client()
    assert invoke(narrow, ROWS, CSV).status_code == 200
    for body, content_type in ((ROWS * 2, CSV), ({"instances": [tumor] * 4}, JSON)):
        assert "at most 3 tumours" in problem(invoke(narrow, body, content_type), 413)["detail"]


def test_ping_is_empty_and_says_what_readyz_says(artifact_directory: Path) -> None:
    app = create_app(Settings(model_dir=artifact_directory))
    client = app.test_client()
    ready = client.get("/ping")
    assert (ready.status_code, ready.data) == (200, b"")
    app.extensions[api.EXTENSION].drain()
    draining = client.get("/ping")
    assert (draining.status_code, draining.data) == (503, b"")


def test_a_ping_before_the_first_prediction_asks_to_wait(
    artifact_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Service, "warm_up", lambda _self: None)
    assert create_app(Settings(model_dir=artifact_directory)).test_client().get("/ping").status_code == 503


def test_a_transform_job_is_told_what_the_service_is_made_for(artifact_directory: Path) -> None:
    settings = Settings(model_dir=artifact_directory, workers=2, threads=3, max_batch_bytes=6 * 1024 * 1024)
    assert create_app(settings).test_client().get("/execution-parameters").json == {
        "MaxConcurrentTransforms": 6,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }
