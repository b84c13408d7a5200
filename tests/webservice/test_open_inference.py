"""The Open Inference Protocol, version 2: what a client of KServe, Seldon or Triton gets."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from oncology_model import FEATURES
from webservice import api
from webservice.app import create_app
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Body = dict[str, Any]
MODEL = "/v2/models/oncology"
BENIGN, MALIGNANT = [4, 1, 2, 1, 2, 1, 1, 1, 1], [10] * 9
GRADE = "must be an integer from 1 to 10"
DATATYPES = ["UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64"]


def tensor(**changes: Any) -> Body:
    """The one tensor of two tumours."""
    return {"name": "tumors", "shape": [2, 9], "datatype": "FP64", "data": [*BENIGN, *MALIGNANT]} | changes


def named(**changes: Body) -> list[Body]:
    """The same tumours as nine tensors."""
    columns = zip(FEATURES, BENIGN, MALIGNANT, strict=True)
    return [
        {"name": name, "shape": [2], "datatype": "INT64", "data": [*grades]} | changes.get(name, {})
        for name, *grades in columns
    ]


def infer(client: FlaskClient, *inputs: Body, model: str = MODEL, **more: Any) -> TestResponse:
    return client.post(f"{model}/infer", json={"inputs": inputs} | more)


def output(response: TestResponse, name: str) -> list[Any]:
    assert response.status_code == 200, response.text
    (found,) = [tensor for tensor in response.json["outputs"] if tensor["name"] == name]
    assert found["shape"] == [len(found["data"])]
    return found["data"]


def error(response: TestResponse, status: int = 400) -> str:
    assert (response.status_code, response.content_type) == (status, "application/json")
    assert response.json.keys() == {"error"}
    return response.json["error"]


@pytest.fixture
def expected(client: FlaskClient) -> list[float]:
    """The probabilities of both tumours, as `/predict/batch` tells them."""
    rows = [dict(zip(FEATURES, grades, strict=True)) for grades in (BENIGN, MALIGNANT)]
    return [answer["probability"] for answer in client.post("/predict/batch", json=rows).json]


def test_one_tensor_of_nine_columns_is_answered_as_a_batch_is(client: FlaskClient, expected: list[float]) -> None:
    response = infer(client, tensor())
    assert output(response, "prediction") == ["benign", "malignant"]
    assert output(response, "probability") == expected
    assert (response.json["model_name"], response.json["model_version"]) == ("oncology", "0.0.1")
    assert [(told["name"], told["datatype"]) for told in response.json["outputs"]] == [
        ("prediction", "BYTES"),
        ("probability", "FP64"),
    ]


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_nine_named_tensors_may_come_in_any_order(client: FlaskClient, expected: list[float], shape: list[int]) -> None:
    inputs = [given | {"shape": shape} for given in reversed(named())]
    assert output(infer(client, *inputs), "probability") == expected


def test_data_may_be_nested_by_rows(client: FlaskClient, expected: list[float]) -> None:
    assert output(infer(client, tensor(data=[BENIGN, MALIGNANT])), "probability") == expected
    columns = named(mitoses={"shape": [2, 1], "data": [[1], [10]]})
    assert output(infer(client, *columns), "probability") == expected


@pytest.mark.parametrize("datatype", DATATYPES)
def test_every_numeric_datatype_is_understood(client: FlaskClient, expected: list[float], datatype: str) -> None:
    assert output(infer(client, tensor(datatype=datatype)), "probability") == expected


def test_whole_numbers_may_be_written_as_floats(client: FlaskClient, expected: list[float]) -> None:
    assert output(infer(client, tensor(data=list(map(float, [*BENIGN, *MALIGNANT])))), "probability") == expected


@pytest.mark.parametrize("missing", ["NaN", "null"])
def test_bare_nuclei_may_be_missing(client: FlaskClient, missing: str) -> None:
    unmeasured = dict(zip(FEATURES, BENIGN, strict=True)) | {"bare_nuclei": None}
    text = json.dumps({"inputs": [tensor(shape=[1, 9], data=[4, 1, 2, 1, 2, "missing", 1, 1, 1])]})
    response = client.post(f"{MODEL}/infer", data=text.replace('"missing"', missing), content_type="application/json")
    assert output(response, "probability") == [client.post("/predict", json=unmeasured).json["probability"]]


def test_only_the_outputs_that_are_asked_for_are_given(client: FlaskClient) -> None:
    response = infer(client, tensor(), outputs=[{"name": "probability", "parameters": {"binary_data": False}}])
    assert [told["name"] for told in response.json["outputs"]] == ["probability"]
    assert "probability" in error(infer(client, tensor(), outputs=[{"name": "SMITH"}]))


def test_the_identifier_comes_back(client: FlaskClient) -> None:
    assert infer(client, tensor(), id="42").json["id"] == "42"
    assert "id" not in infer(client, tensor()).json


def test_no_tumours_are_no_answers(client: FlaskClient) -> None:
    assert output(infer(client, tensor(shape=[0, 9], data=[])), "probability") == []


def test_a_body_that_is_not_said_to_be_json_is_read_as_such(client: FlaskClient) -> None:
    body = json.dumps({"inputs": [tensor()]})
    assert output(client.post(f"{MODEL}/infer", data=body), "prediction") == ["benign", "malignant"]


def test_requests_and_answers_are_as_documented(client: FlaskClient) -> None:
    definitions = client.get("/swagger.json").json["definitions"]
    Draft4Validator(definitions["InferenceRequest"]).validate({"id": "1", "inputs": [tensor()]})
    Draft4Validator(definitions["InferenceResponse"]).validate(infer(client, tensor(), id="1").json)
    Draft4Validator(definitions["InferenceError"]).validate(infer(client).json)


WRONG_CELLS = {
    "a fraction": (4.5, GRADE),
    "too high": (11, GRADE),
    "zero": (0, GRADE),
    "more than a byte": (256, GRADE),
    "negative": (-1, GRADE),
    "infinite": (math.inf, GRADE),
    "huge": (10**400, GRADE),
    "missing, though it never is": (None, GRADE),
}


@pytest.mark.parametrize(("value", "message"), WRONG_CELLS.values(), ids=WRONG_CELLS.keys())
def test_wrong_grades_are_named_by_row_and_measurement(client: FlaskClient, value: Any, message: str) -> None:
    told = error(infer(client, tensor(data=[BENIGN, [*MALIGNANT[:8], value]])))
    assert told == f"Wrong fields: 1, in 1 row. Nothing was classified. row 1, mitoses: {message}"


def test_bare_nuclei_may_be_missing_and_yet_be_wrong(client: FlaskClient) -> None:
    told = error(infer(client, *named(bare_nuclei={"data": [1, 0.5]})))
    assert told.endswith("row 1, bare_nuclei: must be an integer from 1 to 10 or NaN or null")


REFUSED_TENSORS = {
    "too few data": ({"data": BENIGN}, "The tensor has data of 9 values, and its shape says 18."),
    "too many data": ({"shape": [1, 9]}, "The tensor has data of 18 values, and its shape says 9."),
    "rows of another length": ({"data": [BENIGN, MALIGNANT[1:]]}, "rows are not those of its shape"),
    "nested further": ({"data": [[[4]] * 9] * 2}, "not all numbers or null"),
    "rows and numbers": ({"data": [BENIGN, *MALIGNANT]}, "rows are not those of its shape"),
    "eight columns": ({"shape": [2, 8], "data": [1] * 16}, "The inputs must be one tensor of shape [n, 9], or 9"),
    "one dimension": ({"shape": [18]}, "The inputs must be one tensor of shape [n, 9], or 9"),
    "no dimension": ({"shape": []}, "The inputs must be one tensor of shape [n, 9], or 9"),
    "a thousand million rows": ({"shape": [10**9, 9]}, "The tensor has too many rows: at most 10000 tumours are read."),
    "more rows than a number holds": ({"shape": [10**30, 9]}, "too many rows"),
    "negative rows": ({"shape": [-2, 9]}, "inputs.0.shape.0: Input should be greater than or equal to 0"),
    "a fraction of rows": ({"shape": [0.5, 9]}, "inputs.0.shape.0: Input should be a valid integer"),
    "bytes": ({"datatype": "BYTES", "data": ["SMITH"] * 18}, "inputs.0.datatype: Input should be 'UINT8'"),
    "truth": ({"datatype": "BOOL"}, "inputs.0.datatype: Input should be 'UINT8'"),
    "text among numbers": ({"data": [*BENIGN, *MALIGNANT[:8], "SMITH"]}, "not all numbers or null"),
    "truth among numbers": ({"data": [*BENIGN, *MALIGNANT[:8], True]}, "not all numbers or null"),
    "no data": ({"data": None}, "inputs.0.data: Input should be a valid list"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED_TENSORS.values(), ids=REFUSED_TENSORS.keys())
def test_a_tensor_that_is_not_what_it_says_is_refused(client: FlaskClient, changes: Body, reason: str) -> None:
    told = error(infer(client, tensor(**changes)))
    assert reason in told
    assert "SMITH" not in told


def test_named_tensors_must_be_the_nine_of_equal_length(client: FlaskClient) -> None:
    assert "The inputs must be" in error(infer(client, *named()[1:]))
    assert "The inputs must be" in error(infer(client, *named(), tensor(name="age", shape=[2], data=[1, 1])))
    assert "The inputs must be" in error(infer(client, *named()[1:], named()[1]))
    assert "same number of rows" in error(infer(client, *named(mitoses={"shape": [1], "data": [1]})))
    assert "mitoses has data of 2 values" in error(infer(client, *named(mitoses={"shape": [3]})))
    assert "mitoses has too many rows" in error(infer(client, *named(mitoses={"shape": [10**9]})))


@pytest.mark.parametrize("body", ["", "[", "NaN", "[]", "{}", '{"inputs": 4}', '{"inputs": [[]]}', "[" * 100_000])
def test_what_is_no_request_is_refused(client: FlaskClient, body: str) -> None:
    assert error(client.post(f"{MODEL}/infer", data=body, content_type="application/json"))


def test_tensors_in_binary_form_are_refused_with_a_hint(client: FlaskClient) -> None:
    headers = {"Inference-Header-Content-Length": "10"}
    response = client.post(f"{MODEL}/infer", data=b"SMITH", content_type="application/octet-stream", headers=headers)
    assert "binary_data=False" in error(response)


def test_the_limits_of_batches_hold(artifact_directory: Path) -> None:
    settings = Settings(model_dir=artifact_directory, max_batch_rows=2, max_batch_bytes=2048)
    narrow = create_app(settings).test_client()
    assert infer(narrow, tensor()).status_code == 200
    assert "at most 2 tumours" in error(infer(narrow, tensor(shape=[3, 9], data=[1] * 27)))
    assert "at most 2048 bytes" in error(infer(narrow, tensor(), id="x" * 2048), 413)


@pytest.mark.parametrize("address", ["/v2/models/SMITH", f"{MODEL}/versions/1"])
def test_another_model_or_version_is_not_found(client: FlaskClient, address: str) -> None:
    reason = "There is no such model: this is oncology, version 0.0.1."
    assert error(client.get(address), 404) == reason
    assert error(client.get(f"{address}/ready"), 404) == reason
    assert error(infer(client, tensor(), model=address), 404) == reason


def test_errors_of_http_have_the_form_of_the_protocol_too(client: FlaskClient) -> None:
    assert error(client.get("/v2/nothing"), 404)
    assert error(client.get(f"{MODEL}/infer"), 405)
    assert error(client.post(f"{MODEL}/infer", data="x", content_type="text/plain"), 415)


@pytest.mark.parametrize("version", ["", "/versions/0.0.1"])
def test_the_model_tells_what_it_takes_and_gives(client: FlaskClient, version: str) -> None:
    told = client.get(MODEL + version).json
    assert (told["name"], told["versions"]) == ("oncology", ["0.0.1"])
    assert [given["name"] for given in told["inputs"]] == list(FEATURES)
    assert [given["name"] for given in told["outputs"]] == ["prediction", "probability"]
    assert infer(client, tensor(), model=MODEL + version).status_code == 200


def test_the_server_tells_what_it_is(client: FlaskClient) -> None:
    assert client.get("/v2").json.keys() == {"name", "version", "extensions"}


def test_health_is_that_of_the_service(artifact_directory: Path) -> None:
    app = create_app(Settings(model_dir=artifact_directory))
    client = app.test_client()
    assert client.get("/v2/health/live").json == {"live": True}
    assert client.get("/v2/health/ready").json == {"ready": True}
    assert client.get(f"{MODEL}/ready").json == {"name": "oncology", "ready": True}
    app.extensions[api.EXTENSION].drain()
    assert client.get("/v2/health/live").status_code == 200
    assert "ask elsewhere" in error(client.get("/v2/health/ready"), 503)
    assert "ask elsewhere" in error(client.get(f"{MODEL}/versions/0.0.1/ready"), 503)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@given(changes=st.dictionaries(st.sampled_from(["name", "shape", "datatype", "data"]), JSON_VALUES, max_size=2))
def test_nothing_in_a_tensor_breaks_the_service(client_of_all: FlaskClient, changes: Body) -> None:
    assert infer(client_of_all, tensor(**changes)).status_code in {200, 400}


@pytest.fixture(scope="module")
def client_of_all(artifact_directory: Path) -> FlaskClient:
    return create_app(Settings(model_dir=artifact_directory)).test_client()
