"""Two documents, one truth: OpenAPI 3.1 says what Swagger 2.0 says, and what is said happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV31SpecValidator

from tests.webservice.test_keys import KEY, line
from webservice.app import create_app
from webservice.schemas import to_swagger
from webservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    Json = dict[str, Any]


@pytest.fixture
def swagger(client: FlaskClient) -> Json:
    return client.get("/swagger.json").json


@pytest.fixture
def openapi(client: FlaskClient) -> Json:
    return client.get("/openapi.json").json


def test_both_documents_are_as_their_specifications_want(swagger: Json, openapi: Json) -> None:
    OpenAPIV2SpecValidator(swagger).validate()
    OpenAPIV31SpecValidator(openapi).validate()


def test_both_documents_describe_the_same_operations(swagger: Json, openapi: Json) -> None:
    said_by_swagger = {name: of_swagger(operation) for name, operation in operations(swagger)}
    assert said_by_swagger == {name: of_openapi(operation) for name, operation in operations(openapi)}


def test_where_keys_are_wanted_both_documents_still_describe_the_same(artifact_directory: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(line("clinic-a", KEY))
    client = create_app(Settings(model_dir=artifact_directory, api_keys_file=keys)).test_client()
    swagger, openapi = client.get("/swagger.json").json, client.get("/openapi.json").json
    test_both_documents_are_as_their_specifications_want(swagger, openapi)
    test_both_documents_describe_the_same_operations(swagger, openapi)
    assert swagger["securityDefinitions"].keys() == openapi["components"]["securitySchemes"].keys()


def test_both_documents_describe_the_same_types(swagger: Json, openapi: Json) -> None:
    components = openapi["components"]["schemas"]
    said = {name: to_swagger(components[name] | {"$defs": components}) for name in swagger["definitions"]}
    assert said == swagger["definitions"]


def test_both_documents_say_the_same_of_the_service(swagger: Json, openapi: Json) -> None:
    assert (swagger["info"], swagger["tags"]) == (openapi["info"], openapi["tags"])
    assert [{"url": swagger["basePath"]}] == openapi["servers"]


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        # What holds for all methods of a path may be said once.
        common = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method} {path}", operation | {"parameters": common + operation.get("parameters", [])}


def of_swagger(operation: Json) -> Json:
    given = operation["parameters"]
    answers = operation["responses"].values()
    return _in_words(operation) | {
        "parameters": {(one["in"], one["name"]): _schema_of(one) for one in given if one["in"] != "body"},
        "body": [_named(one["schema"]) for one in given if one["in"] == "body"],
        "consumes": set(operation.get("consumes", ["application/json"]) if _has_body(given) else []),
        "answers": {
            status: (answer["description"], _named(answer.get("schema")), set(answer.get("headers", [])))
            for status, answer in operation["responses"].items()
        },
        "produces": set(operation.get("produces", ["application/json"]) if any("schema" in a for a in answers) else []),
    }


def of_openapi(operation: Json) -> Json:
    content = operation.get("requestBody", {}).get("content", {})
    answers = operation["responses"]
    return _in_words(operation) | {
        "parameters": {(one["in"], one["name"]): _without_example(one["schema"]) for one in operation["parameters"]},
        "body": _told_in_json(content),
        "consumes": set(content),
        "answers": {
            status: (
                answer["description"],
                next(iter(_told_in_json(answer.get("content", {}))), None),
                set(answer.get("headers", [])),
            )
            for status, answer in answers.items()
        },
        "produces": {media_type for answer in answers.values() for media_type in answer.get("content", {})},
    }


def _in_words(operation: Json) -> Json:
    return {word: operation.get(word) for word in ("operationId", "summary", "description", "tags", "security")}


def _has_body(parameters: list[Json]) -> bool:
    return any(one["in"] == "body" for one in parameters)


def _schema_of(parameter: Json) -> Json:
    return {word: value for word, value in parameter.items() if word not in {"in", "name", "description", "required"}}


def _named(schema: Json | None) -> str | None:
    """``Tumor`` or ``[Tumor]``."""
    if schema is None:
        return None
    if schema.get("type") == "array":
        return f"[{_named(schema['items'])}]"
    return schema["$ref"].rpartition("/")[2]


def _told_in_json(content: Json) -> list[str | None]:
    return [_named(told["schema"]) for media_type, told in content.items() if media_type.endswith("json")]


def _without_example(schema: Json) -> Json:
    return {word: value for word, value in schema.items() if word != "examples"}


def test_every_example_of_a_request_is_answered_as_documented(client: FlaskClient, openapi: Json) -> None:
    for name, operation in operations(openapi):
        method, path = name.split(" ")
        for address in addresses(path, operation["parameters"]):
            for media_type, body in bodies(operation, openapi):
                sent = {"data": body} if isinstance(body, str) else {"json": body}
                response = client.open(address, method=method.upper(), content_type=media_type, **sent)
                assert response.status_code == 200, (name, response.text)
                check(response, operation, openapi)


def addresses(path: str, parameters: list[Json]) -> list[str]:
    """The address of which the document gives an example: none, where a part of it is left to the client."""
    required = {one["name"]: one["schema"] for one in parameters if one.get("required")}
    chosen = {name: schema["enum"][0] for name, schema in required.items() if "enum" in schema}
    return [path.format_map(chosen)] if chosen.keys() == required.keys() else []


def bodies(operation: Json, document: Json) -> Iterator[tuple[str | None, Any]]:
    """The bodies that an operation shows, with their media types."""
    if "requestBody" not in operation:
        yield None, ""
        return
    content = operation["requestBody"]["content"]
    shown = [(media_type, body) for media_type, told in content.items() for body in examples(told, document)]
    assert shown, f"{operation['operationId']} shows no example of its body"
    yield from shown


def examples(told: Json, document: Json) -> list[Any]:
    """The bodies that a media type shows: its own example, or those of its schema."""
    if "example" in told:
        return [told["example"]]
    schema = told["schema"]
    if schema.get("type") == "array":
        return [[one] for one in examples({"schema": schema["items"]}, document)]
    return document["components"]["schemas"][_named(schema)].get("examples", []) if "$ref" in schema else []


def check(response: Any, operation: Json, document: Json) -> None:
    answer = operation["responses"][str(response.status_code)]
    told = answer.get("content", {}).get(response.mimetype)
    if told is None:
        assert not response.data
        assert "content" not in answer
    elif response.mimetype.endswith("json"):
        validator(told["schema"], document).validate(response.json)
    assert set(answer.get("headers", [])) <= set(response.headers.keys())


def validator(schema: Json, document: Json) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": document["components"]})


@pytest.mark.parametrize(
    ("status", "path", "request_"),
    [
        (400, "/predict", {"data": "{", "content_type": "application/json"}),
        (413, "/predict", {"data": " " * 2_000_000, "content_type": "application/json"}),
        (415, "/predict", {"data": "{}", "content_type": "text/plain"}),
        (422, "/predict", {"json": {}}),
        (422, "/predict?explain=perhaps", {"json": {}}),
        (200, "/predict/batch?errors=inline&explain=true", {"json": [{"mitoses": 11}]}),
        (400, "/predict/batch", {"data": "[", "content_type": "application/json"}),
        (406, "/predict/batch", {"json": [], "headers": {"Accept": "text/html"}}),
        (413, "/predict/batch", {"data": " " * 5_000_000, "content_type": "application/json"}),
        (415, "/predict/batch", {"data": "{}", "content_type": "text/plain"}),
        (422, "/predict/batch", {"json": [{}]}),
    ],
)
def test_every_other_answer_is_as_documented(
    client: FlaskClient, openapi: Json, status: int, path: str, request_: Json
) -> None:
    response = client.post(path, **request_)
    assert response.status_code == status
    check(response, openapi["paths"][path.partition("?")[0]]["post"], openapi)


def test_every_example_of_a_value_is_of_its_type(openapi: Json) -> None:
    found = list(shown(openapi["components"]["schemas"]))
    assert found
    for schema in found:
        for example in schema["examples"]:
            validator(schema, openapi).validate(example)


def shown(schema: Any) -> Iterator[Json]:
    """The schemas within that have examples."""
    if isinstance(schema, dict):
        if isinstance(schema.get("examples"), list):
            yield schema
        for part in schema.values():
            yield from shown(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from shown(part)


def test_what_was_not_measured_is_null_and_no_other_word(openapi: Json) -> None:
    tumor = openapi["components"]["schemas"]["Tumor"]
    (example,) = tumor["examples"]
    assert validator(tumor, openapi).is_valid(example | {"bare_nuclei": None})
    assert not validator(tumor, openapi).is_valid(example | {"mitoses": None})
    assert "x-nullable" not in str(openapi)


def test_a_wrong_row_of_a_batch_is_another_answer_than_a_prediction(openapi: Json) -> None:
    options = openapi["components"]["schemas"]["BatchAnswer"]["anyOf"]
    assert [_named(option) for option in options] == ["Answer", "WrongRow"]


@pytest.mark.parametrize("address", ["/openapi.json", "/swagger.json"])
def test_a_document_that_the_client_has_is_not_sent_again(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.content_type) == (200, "application/json")
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_under_a_prefix_the_documents_lead_to_the_service(artifact_directory: Path) -> None:
    client = create_app(Settings(model_dir=artifact_directory)).test_client()
    prefix = {"SCRIPT_NAME": "/oncology"}
    assert client.get("/openapi.json", environ_overrides=prefix).json["servers"] == [{"url": "/oncology"}]
    assert client.get("/swagger.json", environ_overrides=prefix).json["basePath"] == "/oncology"
    assert 'data-document="/oncology/swagger.json"' in client.get("/docs", environ_overrides=prefix).text
