"""POST /predict: what a client gets."""

from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from oncology_model import FEATURES, Classifier, Tumor
from webservice.app import create_app
from webservice.settings import MAX_BODY_BYTES, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Body = dict[str, Any]

GRADE = "must be an integer from 1 to 10"
UNPROCESSABLE = "Unprocessable Entity"
NO_TUMOR = f"The body must be a JSON object with the fields {', '.join(FEATURES)}."
NO_GRADES = [
    "0",
    "11",
    "-1",
    "4.5",
    "4.0",
    '"4"',
    '"SMITH"',
    "true",
    "false",
    "[4]",
    "{}",
    "1e400",
    "-1e400",
    "9" * 4000,
]

NOT_JSON = [
    b"",
    b" ",
    b"SMITH",
    b"{",
    b'{"mitoses": SMITH}',
    b"{} {}",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"a": "\\ud800"}',
    b"[" * 1_000_000,
    b'{"a":' * 100_000,
    b"clump_thickness=4&mitoses=1",
]


def post(client: FlaskClient, body: str | bytes, query: str = "", content_type: str | None = "application/json") -> Any:
    return client.post(f"/predict{query}", data=body, content_type=content_type)


def assert_problem(response: TestResponse, status: int, title: str) -> Body:
    """Every refusal is a problem document that agrees with the response it is in."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    document: Body = json.loads(response.text)
    assert {"type": "about:blank", "title": title, "status": status}.items() <= document.items()
    assert document.keys() <= {"type", "title", "status", "detail", "errors"}
    return document


def assert_wrong_fields(response: TestResponse, **messages: str) -> None:
    document = assert_problem(response, 422, UNPROCESSABLE)
    assert {error["field"]: error["message"] for error in document["errors"]} == messages
    assert document["detail"] == f"Wrong fields: {', '.join(messages)}."


def test_a_tumour_is_classified_as_the_classifier_does(
    client: FlaskClient, tumor: Body, artifact_directory: Path
) -> None:
    response = client.post("/predict", json=tumor)
    expected = Classifier(artifact_directory).assess(Tumor(**tumor))
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.json == {
        "prediction": expected.prediction.value,
        "probability": expected.probability,
        "threshold": expected.threshold,
        "model_version": "0.0.1",
    }


def test_high_grades_are_malignant_and_low_ones_benign(client: FlaskClient) -> None:
    assert client.post("/predict", json=dict.fromkeys(FEATURES, 10)).json["prediction"] == "malignant"
    assert client.post("/predict", json=dict.fromkeys(FEATURES, 1)).json["prediction"] == "benign"


def test_an_explanation_adds_up_to_the_log_odds(client: FlaskClient, tumor: Body) -> None:
    answer = client.post("/predict?explain=true", json=tumor).json
    assert list(answer["contributions"]) == ["intercept", *FEATURES]
    probability = answer["probability"]
    assert sum(answer["contributions"].values()) == pytest.approx(math.log(probability / (1 - probability)))


@pytest.mark.parametrize("query", ["", "?explain=false"])
def test_nothing_is_explained_unasked(client: FlaskClient, tumor: Body, query: str) -> None:
    assert "contributions" not in client.post(f"/predict{query}", json=tumor).json


def test_a_model_that_is_not_additive_predicts_and_refuses_to_explain(
    forest_artifact_directory: Path, tumor: Body
) -> None:
    client = create_app(Settings(model_dir=forest_artifact_directory)).test_client()
    assert client.post("/predict", json=tumor).json["prediction"] == "benign"
    refusal = client.post("/predict?explain=true", json=tumor)
    assert_wrong_fields(refusal, explain="must be false: this model is not additive, so it has no contributions")


def test_bare_nuclei_may_be_null(client: FlaskClient, tumor: Body) -> None:
    assert client.post("/predict", json=tumor | {"bare_nuclei": None}).status_code == 200


@pytest.mark.parametrize("field", FEATURES)
def test_a_missing_field_is_named(client: FlaskClient, tumor: Body, field: str) -> None:
    del tumor[field]
    assert_wrong_fields(client.post("/predict", json=tumor), **{field: "is required"})


def test_a_misspelt_field_is_refused_by_name_and_does_not_become_a_missing_value(
    client: FlaskClient, tumor: Body
) -> None:
    tumor["bare_nucleii"] = tumor.pop("bare_nuclei")
    response = client.post("/predict", json=tumor)
    assert_wrong_fields(response, bare_nuclei="is required", bare_nucleii="is not a measurement")


def test_an_extra_field_is_refused_by_name(client: FlaskClient, tumor: Body) -> None:
    assert_wrong_fields(client.post("/predict", json=tumor | {"age": 61}), age="is not a measurement")


def test_the_names_of_extra_fields_come_back_in_bounds(client: FlaskClient, tumor: Body) -> None:
    extra = {f"{number:05}" + "x" * 100: 1 for number in range(90)}
    response = client.post("/predict", json=tumor | extra)
    document = assert_problem(response, 422, UNPROCESSABLE)
    assert len(document["errors"]) == 20
    assert document["errors"][0] == {"field": "00000" + "x" * 35 + "…", "message": "is not a measurement"}
    assert document["detail"].endswith(", and 70 more.")


def test_a_flood_of_strange_fields_is_refused_as_a_whole(client: FlaskClient) -> None:
    document = assert_problem(
        client.post("/predict", json=dict.fromkeys(map(str, range(50_000)), 1)), 422, UNPROCESSABLE
    )
    assert document["detail"] == NO_TUMOR
    assert "errors" not in document


@pytest.mark.parametrize("field", [feature for feature in FEATURES if feature != "bare_nuclei"])
def test_only_bare_nuclei_may_be_null(client: FlaskClient, tumor: Body, field: str) -> None:
    assert_wrong_fields(client.post("/predict", json=tumor | {field: None}), **{field: GRADE})


@pytest.mark.parametrize("value", NO_GRADES, ids=lambda value: value)
def test_what_is_no_grade_is_refused_without_being_repeated(client: FlaskClient, tumor: Body, value: str) -> None:
    response = post(client, json.dumps(tumor | {"mitoses": "?"}).replace('"?"', value))
    assert_wrong_fields(response, mitoses=GRADE)
    # The answer to any wrong value is the same, so it tells nothing of this one.
    assert response.text == client.post("/predict", json=tumor | {"mitoses": -987654321}).text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "04", "4.", "'4'", "9" * 5000])
def test_what_json_does_not_have_is_not_json(client: FlaskClient, tumor: Body, value: str) -> None:
    response = post(client, json.dumps(tumor | {"mitoses": "?"}).replace('"?"', value))
    assert assert_problem(response, 400, "Bad Request")["detail"] == "The body is not JSON."


def test_all_wrong_fields_are_named_at_once(client: FlaskClient, tumor: Body) -> None:
    del tumor["clump_thickness"]
    response = client.post("/predict", json=tumor | {"mitoses": 11, "bare_nuclei": "?", "size": 3})
    assert_wrong_fields(
        response,
        clump_thickness="is required",
        bare_nuclei=f"{GRADE} or null",
        mitoses=GRADE,
        size="is not a measurement",
    )


@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:20]))
def test_what_is_not_json_is_refused_without_being_repeated(client: FlaskClient, body: bytes) -> None:
    response = post(client, body)
    assert assert_problem(response, 400, "Bad Request")["detail"] == "The body is not JSON."


@pytest.mark.parametrize("body", ["null", "[]", "[1, 2]", '"SMITH"', "4", "1e400", "true"])
def test_json_that_is_no_object_is_refused(client: FlaskClient, body: str) -> None:
    document = assert_problem(post(client, body), 422, UNPROCESSABLE)
    assert document["detail"] == NO_TUMOR


def test_a_field_given_twice_is_refused_by_name(client: FlaskClient) -> None:
    document = assert_problem(post(client, '{"mitoses": 1, "mitoses": 10}'), 400, "Bad Request")
    assert document["errors"] == [{"field": "mitoses", "message": "is given twice"}]


def test_a_strange_field_given_twice_is_refused_without_its_name(client: FlaskClient) -> None:
    response = post(client, '{"SMITH": 1, "SMITH": 1}')
    assert assert_problem(response, 400, "Bad Request")["detail"] == "The body's JSON has a field twice."
    assert "SMITH" not in response.text


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "text/json"])
def test_a_body_that_is_not_said_to_be_json_is_refused(
    client: FlaskClient, tumor: Body, content_type: str | None
) -> None:
    response = post(client, json.dumps(tumor), content_type=content_type)
    document = assert_problem(response, 415, "Unsupported Media Type")
    assert document["detail"].endswith("Content-Type: application/json")
    assert response.headers["Accept-Post"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_said_in_other_ways(client: FlaskClient, tumor: Body, content_type: str) -> None:
    assert post(client, json.dumps(tumor), content_type=content_type).status_code == 200


def padded(tumor: Body, size: int) -> bytes:
    return json.dumps(tumor).encode().ljust(size)


def test_a_body_of_just_the_limit_is_read(client: FlaskClient, tumor: Body) -> None:
    assert post(client, padded(tumor, MAX_BODY_BYTES)).status_code == 200


def test_a_body_over_the_limit_is_refused(client: FlaskClient, tumor: Body) -> None:
    document = assert_problem(post(client, padded(tumor, MAX_BODY_BYTES + 1)), 413, "Request Entity Too Large")
    assert document["detail"] == "The body is too large: at most 1048576 bytes are read."


class BrokenStream(io.RawIOBase):
    def read(self, _size: int = -1) -> bytes:
        raise RuntimeError("SMITH")


def post_chunked(client: FlaskClient, stream: Any) -> TestResponse:
    """As a server hands on a body of unknown length that it reads to its end."""
    return client.post(
        "/predict",
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": stream, "wsgi.input_terminated": True},
    )


def test_a_chunked_body_over_the_limit_is_refused_and_not_cut_off(client: FlaskClient, tumor: Body) -> None:
    assert post_chunked(client, io.BytesIO(padded(tumor, MAX_BODY_BYTES))).status_code == 200
    response = post_chunked(client, io.BytesIO(padded(tumor, MAX_BODY_BYTES + 1)))
    assert_problem(response, 413, "Request Entity Too Large")


def test_broken_chunks_are_the_clients_fault(client: FlaskClient) -> None:
    document = assert_problem(post_chunked(client, BrokenStream()), 400, "Bad Request")
    assert document["detail"] == "The body was cut short, or its chunks are broken."


@pytest.mark.parametrize("query", ["?explain=yes", "?explain=1", "?explain=True", "?explain=", "?explain=%ff"])
def test_explain_is_true_or_false(client: FlaskClient, tumor: Body, query: str) -> None:
    assert_wrong_fields(client.post(f"/predict{query}", json=tumor), explain="must be true or false, once")


def test_explain_is_given_once(client: FlaskClient, tumor: Body) -> None:
    response = client.post("/predict?explain=true&explain=false", json=tumor)
    assert_wrong_fields(response, explain="must be true or false, once")


def test_a_misspelt_parameter_is_refused_by_name(client: FlaskClient, tumor: Body) -> None:
    assert_wrong_fields(client.post("/predict?explian=true", json=tumor), explian="is not a parameter")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_predicts(client: FlaskClient, method: str) -> None:
    response = client.open("/predict", method=method)
    document = assert_problem(response, 405, "Method Not Allowed")
    assert document["detail"] == "This address answers only to OPTIONS, POST."
    assert {"OPTIONS", "POST"} == set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", ["/SMITH", "/predict/", "/predict/SMITH", "/docs/", "/swaggerui/SMITH.js"])
def test_an_unknown_address_is_not_found(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    document = assert_problem(response, 404, "Not Found")
    assert document["detail"] == "There is nothing at this address: /docs tells what there is."
