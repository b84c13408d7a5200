"""Swagger models, made from the definitions by which requests are checked and answers are written."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from flask_restx.model import SchemaModel
from pydantic import TypeAdapter

from oncology_model import Tumor
from oncology_model.manifest import Manifest
from webservice.answers import JSON, Answer
from webservice.problems import MEDIA_TYPE, ProblemDocument, WrongField
from webservice.service import EXAMPLE

Schema = dict[str, Any]

# Swagger 2.0 has no such words, or shows what they say twice.
_LEFT_OUT: Final = frozenset({"$defs", "title", "default"})

EXAMPLE_BODY: Final = dataclasses.asdict(EXAMPLE)

_EXAMPLE_PROBLEM: Final = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Wrong fields: bare_nuclei.",
    "errors": [{"field": "bare_nuclei", "message": "is required"}],
}

PRODUCES: Final = [JSON, MEDIA_TYPE]


def to_swagger(schema: Schema) -> Schema:
    """Say a JSON Schema made by pydantic in the words of Swagger 2.0, which has no null and no local definitions."""
    return _convert(schema, schema.get("$defs", {}))


def _convert(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" in schema:
        return _convert(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        # Among our definitions, the only union is one with null.
        (alternative,) = [option for option in schema["anyOf"] if option != {"type": "null"}]
        rest = {word: value for word, value in schema.items() if word != "anyOf"}
        return _convert(alternative | rest, definitions) | {"x-nullable": True}
    converted: Schema = {}
    for word, value in schema.items():
        if word not in _LEFT_OUT:
            converted |= _say(word, value, definitions)
    return converted


def _say(word: str, value: Any, definitions: Schema) -> Schema:  # noqa: ANN401 - anything JSON can be
    match word:
        case "properties":
            value = {name: _convert(schema, definitions) for name, schema in value.items()}
        case "items" | "additionalProperties" if isinstance(value, dict):
            value = _convert(value, definitions)
        case "description":
            value = value.partition("\n\n")[0].replace("``", "")
        case "const":
            word, value = "enum", [value]
        case "examples":
            word, value = "example", value[0]
        case "exclusiveMinimum" | "exclusiveMaximum":
            return {word: True, word.removeprefix("exclusive").lower(): value}
    return {word: value}


def _model(name: str, definition: Any, example: Schema | None = None) -> SchemaModel:  # noqa: ANN401 - any type
    return SchemaModel(name, to_swagger(_schema(definition)) | ({"example": example} if example else {}))


def _schema(definition: Any) -> Schema:  # noqa: ANN401 - any type
    return TypeAdapter(definition).json_schema(mode="serialization")


def _answer_or_errors() -> Schema:
    """An answer, or with ``errors=inline`` what is wrong instead: Swagger 2.0 has no such alternatives."""
    answer, errors = _schema(Answer), _schema(WrongField)
    del answer["required"], errors["properties"]["row"]
    told = {"type": "array", "items": errors, "description": "With errors=inline, of a wrong row, and then alone."}
    return answer | {"properties": answer["properties"] | {"errors": told}}


TUMOR: Final = _model("Tumor", Tumor, EXAMPLE_BODY)
ANSWER: Final = _model("Answer", Answer)
BATCH_ANSWER: Final = SchemaModel("BatchAnswer", to_swagger(_answer_or_errors()))
MANIFEST: Final = _model("Manifest", Manifest)
PROBLEM: Final = _model("Problem", ProblemDocument)
WRONG_FIELDS: Final = _model("WrongFields", ProblemDocument, _EXAMPLE_PROBLEM)

MODELS: Final = (TUMOR, ANSWER, BATCH_ANSWER, MANIFEST, PROBLEM, WRONG_FIELDS)
