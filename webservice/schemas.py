"""What is sent and answered, described as OpenAPI 3.1 and as Swagger 2.0 want it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from flask_restx.model import ModelBase
from pydantic import TypeAdapter

Schema = dict[str, Any]

COMPONENTS: Final = "#/components/schemas/"

_NULL: Final = {"type": "null"}

# Values, in which any word may occur.
_EXAMPLES: Final = frozenset({"const", "default", "enum", "examples"})

# Swagger 2.0 has no such words, or shows what they say twice.
_NOT_SWAGGER: Final = frozenset({"$defs", "default"})


class Model(ModelBase):  # type: ignore[misc]
    """A type that the documents describe, each in its own words.

    Args:
        name: what they call it.
        definition: the type by which requests are checked or answers written.
        example: a value that works as it stands.
    """

    def __init__(self, name: str, definition: Any, example: Schema | None = None) -> None:  # noqa: ANN401 - any type
        self._definition = definition
        self._examples = {"examples": [example]} if example else {}
        super().__init__(name)

    # Flask-RESTX knows it by this name, and asks only for the document: the service starts sooner without.
    @cached_property
    def _schema(self) -> Schema:
        return to_swagger(json_schema(self._definition) | self._examples)

    @cached_property
    def components(self) -> dict[str, Schema]:
        """Its JSON Schema and those that this refers to, by name, as components of OpenAPI 3.1."""
        schema = json_schema(self._definition, COMPONENTS + "{model}")
        used: dict[str, Schema] = schema.pop("$defs", {})
        return used | {self.name: schema | self._examples}


def json_schema(definition: Any, references: str = "#/$defs/{model}") -> Schema:  # noqa: ANN401 - any type
    """The JSON Schema 2020-12 of a type, in words for people who do not see the code.

    Args:
        definition: the type.
        references: how the schema refers to the types that it uses.
    """
    schema: Schema = _tidy(TypeAdapter(definition).json_schema(mode="serialization", ref_template=references))
    return schema


def _tidy(schema: Any) -> Any:  # noqa: ANN401 - anything JSON can be
    """Leave out titles, which are names again, and of docstrings what is for programmers."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {word: value if word in _EXAMPLES else _tidy(value) for word, value in schema.items()}
    # Fields may be called so, too.
    if isinstance(tidied.get("title"), str):
        del tidied["title"]
    if isinstance(description := tidied.get("description"), str):
        tidied["description"] = description.partition("\n\n")[0].replace("``", "")
    return tidied


def to_swagger(schema: Schema) -> Schema:
    """Say a JSON Schema in the words of Swagger 2.0, which has no null, no alternatives and no local definitions."""
    return _convert(schema, schema.get("$defs", {}))


def _convert(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" in schema:
        rest = {word: value for word, value in schema.items() if word != "$ref"}
        return _convert(definitions[schema["$ref"].rpartition("/")[2]] | rest, definitions)
    if "anyOf" in schema:
        rest = {word: value for word, value in schema.items() if word != "anyOf"}
        options = [_convert(option, definitions) for option in schema["anyOf"] if option != _NULL]
        nullable = {"x-nullable": True} if _NULL in schema["anyOf"] else {}
        return _shared(options) | _convert(rest, definitions) | nullable
    converted: Schema = {}
    for word, value in schema.items():
        if word not in _NOT_SWAGGER:
            converted |= _say(word, value, definitions)
    return converted


def _shared(options: list[Schema]) -> Schema:
    """What can be said of a value that is as one of ``options`` tells."""
    first, *others = options
    shared = {word: value for word, value in first.items() if all(other.get(word) == value for other in others)}
    if others and shared.get("type") == "object":
        shared["properties"] = {name: field for option in options for name, field in option["properties"].items()}
        shared["required"] = [name for name in first["required"] if all(name in other["required"] for other in others)]
    # Swagger 2.0 wants at least one name there.
    return {word: value for word, value in shared.items() if word != "required" or value}


def _say(word: str, value: Any, definitions: Schema) -> Schema:  # noqa: ANN401 - anything JSON can be
    match word:
        case "properties":
            value = {name: _convert(schema, definitions) for name, schema in value.items()}
        case "items" | "additionalProperties" if isinstance(value, dict):
            value = _convert(value, definitions)
        case "const":
            word, value = "enum", [value]
        case "examples":
            word, value = "example", value[0]
        case "exclusiveMinimum" | "exclusiveMaximum":
            return {word: True, word.removeprefix("exclusive").lower(): value}
    return {word: value}
