"""What wants a key, and what does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import openapi_spec_validator
import pytest
from flask_restx import schemas

from tests.webservice.test_keys import KEY, line
from webservice import logs
from webservice.api import METRICS
from webservice.app import create_app
from webservice.guard import OPEN
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule


@pytest.fixture(scope="module")
def app(artifact_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A service that wants keys."""
    file = tmp_path_factory.mktemp("keys") / "keys"
    file.write_text(line("clinic-a", KEY))
    return create_app(Settings(model_dir=artifact_directory, api_keys_file=file))


def requests(app: Flask) -> list[tuple[Rule, str, str]]:
    """Every rule with every method that it takes and an address that it matches."""
    return [
        (rule, method, re.sub("<[^>]+>", "x", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    ]


def test_every_route_wants_a_key_unless_it_is_named_as_open(app: Flask, client: FlaskClient) -> None:
    for rule, method, address in requests(app):
        status = client.open(address, method=method, buffered=True).status_code
        expected_open = rule.rule in OPEN and method in {"GET", "HEAD"}
        assert (status != 401) == expected_open, f"{method} {rule.rule} answered {status}"


def test_what_can_tell_of_a_tumour_or_of_the_model_is_not_open(app: Flask) -> None:
    guarded = {rule.rule for rule, method, _ in requests(app) if rule.rule not in OPEN}
    assert {"/predict", "/predict/batch", "/model", "/invocations", "/v2/models/<model>/infer"} <= guarded


@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}])
def test_a_key_opens_every_route(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    for rule, method, address in requests(app):
        status = client.open(address, method=method, headers=headers, buffered=True).status_code
        assert status != 401, f"{method} {rule.rule}"


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}])
def test_without_one_the_answer_says_how_to_send_it(client: FlaskClient, tumor: Any, headers: dict[str, str]) -> None:
    response = client.post("/predict", json=tumor, headers=headers)
    assert (response.status_code, response.content_type) == (401, "application/problem+json")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="oncology"'
    assert response.json["detail"] == "The key is missing or wrong: send it as X-API-Key, or as Authorization: Bearer."


def test_the_open_inference_protocol_refuses_in_its_own_form(client: FlaskClient) -> None:
    response = client.post("/v2/models/oncology/infer", json={})
    assert (response.status_code, response.content_type) == (401, "application/json")
    assert "The key is missing or wrong" in response.json["error"]
    described = client.get("/openapi.json").json["paths"]["/v2/models/{model}/infer"]["post"]["responses"]["401"]
    assert described["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/InferenceError"}}}


CASE = {"case": "4-1-2-1-2-1-1-1-1"}


@pytest.mark.parametrize("key", ["", "wrong", "ключ"])
def test_the_page_asks_for_a_key_and_keeps_the_grades(client: FlaskClient, key: str) -> None:
    response = client.post("/", data=CASE | {"key": key})
    assert (response.status_code, response.mimetype) == (401, "text/html")
    assert "The key is missing or wrong: type yours into the field below the grades." in response.text
    assert '<div id="key-field" class="key">' in response.text
    assert 'name="clump_thickness" min="1" max="10" value="4"' in response.text


def test_the_page_takes_a_key_from_its_form_and_never_sends_it_back(client: FlaskClient) -> None:
    response = client.post("/", data=CASE | {"key": KEY})
    assert response.status_code == 200
    assert "probability of malignancy" in response.text
    assert KEY not in response.text


def test_the_interface_takes_no_key_from_a_form(client: FlaskClient) -> None:
    assert client.post("/predict", data={"key": KEY}).status_code == 401


def test_what_there_is_not_needs_no_key(client: FlaskClient) -> None:
    assert client.get("/no/such/thing").status_code == 404
    assert client.get("/predict").status_code == 405


def test_what_a_route_takes_is_told_without_a_key(client: FlaskClient) -> None:
    response = client.options("/predict")
    assert (response.status_code, sorted(response.allow)) == (200, ["OPTIONS", "POST"])


def test_metrics_and_log_tell_the_name_and_never_the_key(
    app: Flask, client: FlaskClient, tumor: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    client.post("/predict", json=tumor, headers={"X-API-Key": KEY}, buffered=True)
    labels = {"method": "POST", "route": "/predict", "status": "200", "key": "clinic-a"}
    assert app.extensions[METRICS].registry.get_sample_value("oncology_requests_total", labels) >= 1
    logged = capfd.readouterr()
    assert '"key":"clinic-a"' in logged.out
    assert KEY not in logged.out + logged.err


def test_a_refused_request_is_logged_without_a_name(
    client: FlaskClient, tumor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(logs, "write_line", lines.append)
    client.post("/predict", json=tumor, headers={"X-API-Key": "wrong"}, buffered=True)
    assert (lines[0]["route"], lines[0]["status"]) == ("/predict", 401)
    assert "key" not in lines[0]


@pytest.mark.parametrize("address", ["/swagger.json", "/openapi.json"])
def test_the_documentation_says_what_wants_a_key(client: FlaskClient, address: str) -> None:
    documentation = client.get(address).json
    for path, operations in documentation["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            is_open = path in OPEN and method == "get"
            assert ("security" in operation) != is_open, f"{method} {path}"
            assert ("401" in operation["responses"]) != is_open
            assert operation.get("security", [{"key": []}, {"bearer": []}]) == [{"key": []}, {"bearer": []}]


def test_both_documents_say_how_a_key_is_sent(client: FlaskClient) -> None:
    swagger, openapi = client.get("/swagger.json").json, client.get("/openapi.json").json
    schemas.validate(swagger)
    openapi_spec_validator.validate(openapi)
    header = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert swagger["securityDefinitions"]["key"] == openapi["components"]["securitySchemes"]["key"] == header
    assert swagger["securityDefinitions"]["bearer"]["name"] == "Authorization"
    assert openapi["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    refusal = openapi["paths"]["/model"]["get"]["responses"]["401"]
    assert refusal["content"].keys() == {"application/problem+json"}


def test_a_service_without_keys_documents_none(artifact_directory: Path) -> None:
    open_app = create_app(Settings(model_dir=artifact_directory))
    documentation = open_app.test_client().get("/swagger.json").json
    assert "securityDefinitions" not in documentation
    assert "security" not in documentation["paths"]["/predict"]["post"]
    assert open_app.before_request_funcs == {}
