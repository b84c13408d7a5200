"""What a request says, read once and checked; whatever is wrong with it is raised for :mod:`webservice.problems`."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NoReturn

import jiter
from flask import request
from pydantic import TypeAdapter
from werkzeug.exceptions import RequestEntityTooLarge

from oncology_model import FEATURES, Tumor
from webservice.answers import JSON
from webservice.problems import ProblemError, wrong_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAGS: Final = {"true": True, "false": False}

# pydantic makes an error of every strange field: a megabyte of them would keep a worker busy for half a second.
_MOST_FIELDS: Final = 100

_tumor = TypeAdapter(Tumor)


def read_tumor() -> Tumor:
    """The tumour in the body.

    Raises:
        ProblemError: the body is no JSON object.
        pydantic.ValidationError: the object is no tumour.
    """
    content = read_json()
    if not isinstance(content, dict) or len(content) > _MOST_FIELDS:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"The body must be a JSON object with the fields {', '.join(FEATURES)}."
        )
    return _tumor.validate_python(content)


def read_json() -> object:
    """The JSON in the body.

    Raises:
        ProblemError: there is none, or it is said to be something else.
        werkzeug.exceptions.RequestEntityTooLarge: it is larger than the settings allow.
    """
    # Nearly all clients write it in this one way, and parsing it takes longer than parsing the tumour.
    if request.environ.get("CONTENT_TYPE") != JSON and request.mimetype != JSON:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The body must be JSON, and the header must say so: Content-Type: {JSON}",
            headers={"Accept-Post": JSON},
        )
    return parse_json(read_body())


def parse_json(body: bytes, *, allow_nan: bool = False) -> object:
    """Parse JSON strictly, or with the NaN and the infinities that some clients write.

    Raises:
        ProblemError: it is no JSON, or has a field twice.
    """
    try:
        # Only keys are cached: text in place of a grade is no key to keep in memory.
        return jiter.from_json(body, allow_inf_nan=allow_nan, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as error:
        _refuse(str(error))


def read_body() -> bytes:
    """The body, of at most ``request.max_content_length`` bytes.

    Raises:
        ProblemError: it was cut short.
        werkzeug.exceptions.RequestEntityTooLarge: it is larger than that.
    """
    # Straight from the server: werkzeug's own way costs a third of a request, and cuts chunked bodies off at the limit.
    current = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    limit = current.max_content_length or sys.maxsize
    size = current.content_length
    if size is None and "wsgi.input_terminated" not in current.environ:
        return b""
    if size is not None and size > limit:
        raise RequestEntityTooLarge
    try:
        body: bytes = current.environ["wsgi.input"].read(limit + 1 if size is None else size)
    except RequestEntityTooLarge:  # so large that our worker did not wait for all of it
        raise
    except Exception as error:  # each server has its own errors for broken bodies
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body was cut short, or its chunks are broken.") from error
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body


def _refuse(reason: str) -> NoReturn:
    # The parser's message may quote the body; only names that are ours are passed on.
    if "duplicate key" not in reason:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None
    repeated = next((feature for feature in FEATURES if f'"{feature}"' in reason), None)
    if repeated is None:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body's JSON has a field twice.") from None
    raise wrong_fields({repeated: "is given twice"}, HTTPStatus.BAD_REQUEST) from None


def read_flags(*names: str) -> list[bool]:
    """The parameters in the address, each ``true`` or ``false`` and false by default.

    Raises:
        ProblemError: a parameter has another value, is given twice, or is none of these.
    """
    return read_choices(dict.fromkeys(names, FLAGS))


def read_choices(choices: Mapping[str, Mapping[str, bool]]) -> list[bool]:
    """The parameters in the address, each one of a few words and false by default.

    Args:
        choices: by parameter, the words that it may have and what they mean.

    Raises:
        ProblemError: a parameter has another value, is given twice, or is none of these.
    """
    if not request.query_string:
        return [False] * len(choices)
    given = request.args.to_dict(flat=False)
    errors = {name: "is not a parameter" for name in given if name not in choices} | {
        name: f"must be {' or '.join(words)}, once"
        for name, words in choices.items()
        if name in given and (len(given[name]) != 1 or given[name][0] not in words)
    }
    if errors:
        raise wrong_fields(errors)
    return [words[given[name][0]] if name in given else False for name, words in choices.items()]
