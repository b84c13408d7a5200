"""JSON Schema in the words of Swagger 2.0."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from webservice.schemas import json_schema, to_swagger


class Cat(TypedDict):
    """Purrs.

    And this is for programmers.
    """

    name: str
    title: str
    lives: int


class Dog(TypedDict):
    """Barks at ``Cat``."""

    name: str
    size: Literal["small", "large"] | None


def test_bounds_that_are_excluded_are_said_as_swagger_says_them() -> None:
    swagger = to_swagger({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1})
    assert swagger == {
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": True,
        "maximum": 1,
        "exclusiveMaximum": True,
    }


def test_titles_are_left_out_and_fields_of_that_name_are_not() -> None:
    assert "title" not in json_schema(Cat)
    assert json_schema(Cat)["properties"] == {
        "name": {"type": "string"},
        "title": {"type": "string"},
        "lives": {"type": "integer"},
    }


def test_people_are_told_what_is_for_them() -> None:
    assert json_schema(Cat)["description"] == "Purrs."
    assert json_schema(Dog)["description"] == "Barks at Cat."


def test_what_may_be_null_is_marked_since_swagger_has_no_null() -> None:
    assert to_swagger(json_schema(Dog))["properties"]["size"] == {
        "type": "string",
        "enum": ["small", "large"],
        "x-nullable": True,
    }


def test_of_alternatives_swagger_says_all_fields_and_requires_the_common_ones() -> None:
    swagger = to_swagger(json_schema(Cat | Dog))
    assert (swagger["type"], swagger["required"]) == ("object", ["name"])
    assert list(swagger["properties"]) == ["name", "title", "lives", "size"]
    assert "description" not in swagger


def test_of_other_alternatives_swagger_says_what_they_share() -> None:
    assert to_swagger(json_schema(list[int] | list[str])) == {"type": "array"}
    assert to_swagger(json_schema(int | str | None)) == {"x-nullable": True}
