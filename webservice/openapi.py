"""The two documents that describe the routes, made from the same decorators: Swagger 2.0 and OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import flask_restx.swagger

from webservice import documentation, guard
from webservice.answers import JSON
from webservice.problems import MEDIA_TYPE
from webservice.schemas import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from webservice.schemas import Model, Schema

# What is said of a parameter or header itself, the rest being said of its value.
_OF_THE_THING: Final = frozenset({"name", "in", "description", "required", "deprecated"})

_PROBLEMS: Final = [{"$ref": COMPONENTS + model.name} for model in (documentation.PROBLEM, documentation.WRONG_FIELDS)]
_NO_EXAMPLES: Final[Mapping[str, str]] = {}


class Swagger(flask_restx.swagger.Swagger):  # type: ignore[misc]
    """Swagger 2.0 as Flask-RESTX makes it, and with the media types that an operation reads."""

    def register_model(self, model: Model) -> None:
        """Describe a model, of which Flask-RESTX would want to be told twice."""
        self._registered_models[model.name] = model

    def extract_resource_doc(self, resource: type, url: str, route_doc: Schema | None = None) -> Schema:
        """Read the decorators, and what of the route wants a key, where keys are wanted."""
        doc: Schema = super().extract_resource_doc(resource, url, route_doc)
        return guard.describe(url, doc) if self.api.authorizations and doc else doc

    def serialize_operation(self, doc: Schema, method: str) -> Schema:
        """Describe one method of a route."""
        operation: Schema = super().serialize_operation(doc, method)
        if "consumes" in doc[method]:
            operation["consumes"] = doc[method]["consumes"]
        return operation


class OpenApi(Swagger):
    """OpenAPI 3.1: what Flask-RESTX reads from the decorators, and what Swagger 2.0 has no words for."""

    def as_dict(self) -> Schema:
        """The whole document."""
        swagger = super().as_dict()
        components = {"schemas": swagger["definitions"]}
        if schemes := swagger.get("securityDefinitions"):
            components["securitySchemes"] = {name: _scheme(scheme) for name, scheme in schemes.items()}
        return {
            "openapi": "3.1.0",
            "info": swagger["info"],
            "servers": [{"url": swagger["basePath"]}],
            **{part: swagger[part] for part in ("security", "tags", "paths") if part in swagger},
            "components": components,
        }

    def serialize_definitions(self) -> Schema:
        """The models, each with the types that it uses; a model's own name wins."""
        models = self._registered_models.values()
        used = {name: schema for model in models for name, schema in model.components.items()}
        return used | {model.name: model.components[model.name] for model in models}

    def serialize_schema(self, model: Model | Sequence[Model]) -> Schema:
        """What refers to a model, or to a list of it."""
        schema: Schema = super().serialize_schema(model)
        if "$ref" in schema:
            schema["$ref"] = COMPONENTS + schema["$ref"].rpartition("/")[2]
        return schema

    def serialize_operation(self, doc: Schema, method: str) -> Schema:
        """Describe one method of a route."""
        operation = super().serialize_operation(doc, method)
        consumes = operation.pop("consumes", [JSON])
        operation.pop("produces", None)
        for given in doc[method]["params"].values():
            if given["in"] == "body":
                content = _content(consumes, given["schema"], doc[method].get("examples", {}))
                operation["requestBody"] = {"required": given["required"], "content": content}
        return operation

    def parameters_for(self, doc: Schema) -> list[Schema]:
        """Describe the parameters, among which OpenAPI does not count the body."""
        return [_valued(given) for given in super().parameters_for(doc) if given["in"] != "body"]

    def responses_for(self, doc: Schema, method: str) -> Schema:
        """Describe the answers, each in the media types that it comes in."""
        produces = doc[method].get("produces", [JSON])
        return {status: _answer(answer, produces) for status, answer in super().responses_for(doc, method).items()}


def _answer(answer: Schema, produces: Sequence[str]) -> Schema:
    described: Schema = {"description": answer["description"]}
    if "headers" in answer:
        described["headers"] = {name: _valued(header) for name, header in answer["headers"].items()}
    if "schema" in answer:
        is_problem = answer["schema"] in _PROBLEMS
        described["content"] = _content(
            [name for name in produces if (name == MEDIA_TYPE) == is_problem], answer["schema"]
        )
    return described


def _content(media_types: Sequence[str], schema: Schema, examples: Mapping[str, str] = _NO_EXAMPLES) -> Schema:
    """What is sent in each media type: text, where that is no JSON."""
    return {
        name: ({"schema": schema} if name.endswith("json") else {"schema": {"type": "string"}})
        | ({"example": examples[name]} if name in examples else {})
        for name in media_types
    }


def _valued(given: Schema) -> Schema:
    """Describe a parameter or a header, and apart from it its value."""
    described = {word: value for word, value in given.items() if word in _OF_THE_THING}
    return described | {"schema": {word: value for word, value in given.items() if word not in _OF_THE_THING}}


def _scheme(scheme: Schema) -> Schema:
    """Describe how a caller is known. Swagger 2.0 knows bearer tokens only as a header that has a meaning already."""
    if (scheme["type"], scheme.get("name")) != ("apiKey", "Authorization"):
        return scheme
    return {word: value for word, value in scheme.items() if word not in {"name", "in", "description"}} | {
        "type": "http",
        "scheme": "bearer",
    }
