"""The documentation: true, complete, and without another host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_restx
import pytest
from jsonschema import Draft4Validator
from pydantic import TypeAdapter

from oncology_model import FEATURES, Tumor

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return client.get("/swagger.json").json


def test_every_route_is_documented_with_every_method(app: Flask, document: dict[str, Any]) -> None:
    documents = {"/docs", "/docs/<path:filename>", "/openapi.json", "/swagger.json", "/swaggerui/<path:filename>"}
    without = documents | {"/", "/static/<path:filename>"}
    routes = {
        re.sub("<(.*?)>", r"{\1}", rule.rule): {method.lower() for method in rule.methods or ()} - {"head", "options"}
        for rule in app.url_map.iter_rules()
        if rule.rule not in without
    }
    assert {path: set(operations) - {"parameters"} for path, operations in document["paths"].items()} == routes


def test_every_operation_is_told_in_words(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in (told for method, told in operations.items() if method != "parameters"):
            assert operation["summary"]
            assert all(answer["description"] for answer in operation["responses"].values())


def test_the_example_works_as_it_stands(client: FlaskClient, document: dict[str, Any]) -> None:
    (body,) = [part for part in document["paths"]["/predict"]["post"]["parameters"] if part["in"] == "body"]
    assert body["schema"] == {"$ref": "#/definitions/Tumor"}
    example = document["definitions"]["Tumor"]["example"]
    response = client.post("/predict", json=example)
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["", "?explain=true"])
def test_answers_are_as_documented(client: FlaskClient, document: dict[str, Any], query: str) -> None:
    definitions = document["definitions"]
    answer = client.post(f"/predict{query}", json=definitions["Tumor"]["example"]).json
    Draft4Validator(definitions["Answer"]).validate(answer)
    assert not query or "contributions" in answer


def test_problems_are_as_documented(client: FlaskClient, document: dict[str, Any]) -> None:
    problem = client.post("/predict", json={}).json
    definition = document["definitions"]["WrongFields"]
    assert problem["errors"]
    Draft4Validator(definition).validate(problem)
    Draft4Validator(definition).validate(definition["example"])


def test_the_problem_in_the_example_is_what_a_client_gets(client: FlaskClient, document: dict[str, Any]) -> None:
    example = document["definitions"]["Tumor"]["example"]
    del example["bare_nuclei"]
    assert client.post("/predict", json=example).json == document["definitions"]["WrongFields"]["example"]


def test_a_measurement_is_documented_as_it_is_defined(document: dict[str, Any]) -> None:
    documented = document["definitions"]["Tumor"]
    defined = TypeAdapter(Tumor).json_schema()
    assert list(documented["properties"]) == documented["required"] == list(FEATURES)
    assert documented["additionalProperties"] is False
    for feature, schema in documented["properties"].items():
        assert (schema["type"], schema["minimum"], schema["maximum"]) == ("integer", 1, 10)
        assert schema["description"] == defined["properties"][feature]["description"]
        assert schema.get("x-nullable", False) == (feature == "bare_nuclei")


def test_the_pages_of_the_documentation_name_no_other_host(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert not re.findall(r"https?://[^\"'\s<>]+", page.text)
    # Nor what the Content-Security-Policy forbids.
    assert not re.findall(r"<script>|<style|style=", page.text)
    loaded = re.findall(r"(?:src|href)=[\"']([^\"'#]+)", page.text)
    assert loaded
    for address in loaded:
        with client.get(address) as file:
            assert file.status_code == 200


def test_the_styles_of_the_documentation_load_from_no_other_host() -> None:
    for style in (Path(flask_restx.__file__).parent / "static").glob("*.css"):
        for address in re.findall(r"url\(([^)]+)\)", style.read_text(encoding="utf-8")):
            assert not address.strip("\"'").startswith(("http:", "https:", "//")), style.name
