"""Every error becomes an answer here, in the form of RFC 9457, or in that of the protocol that its route speaks."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from itertools import chain, islice, starmap
from typing import TYPE_CHECKING, Annotated, Final, NotRequired

import orjson
from flask import Response, current_app, request
from pydantic import Field, ValidationError
from typing_extensions import TypedDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from oncology_model import NoExplanationError
from oncology_model.datamodel import field_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Flask

MEDIA_TYPE: Final = "application/problem+json"

OPEN_INFERENCE: Final = "/v2/"
"""Under this path errors have the form of the Open Inference Protocol."""

# Names that the client chose come back to it: bounded, or a small request would get a large answer.
_LISTED_FIELDS: Final = 20
_LISTED_CELLS: Final = 100
_LONGEST_NAME: Final = 40


class WrongValue(TypedDict):
    """One field that is wrong."""

    field: Annotated[str, Field(description="Its name; empty where a whole row is wrong.")]
    message: Annotated[str, Field(description="What is wrong with it.")]


class WrongField(WrongValue):
    """One field or parameter of the request that is wrong."""

    row: NotRequired[Annotated[int, Field(description="In a batch: which row, counted from 0.")]]


class ProblemDocument(TypedDict):
    """What went wrong, as RFC 9457 has it."""

    type: Annotated[str, Field(description="Always about:blank: the status says it all.")]
    title: Annotated[str, Field(description="The status in words.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    detail: Annotated[str, Field(description="What is wrong and what to do.")]
    errors: NotRequired[
        Annotated[
            list[WrongField], Field(description="Every wrong field, up to the first twenty, or hundred in a batch.")
        ]
    ]


class InferenceError(TypedDict):
    """What went wrong, as the Open Inference Protocol has it."""

    error: Annotated[str, Field(description="What is wrong, where, and what to do.")]


class ProblemError(Exception):
    """A request that cannot be answered as it was meant.

    Args:
        status: the answer's HTTP status.
        detail: what is wrong and what to do, without anything that the client sent.
        errors: what is wrong with which field.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Sequence[WrongField] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}


def wrong_fields(errors: Mapping[str, str], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> ProblemError:
    """The problem of a request with these wrong fields or parameters."""
    listed = {_shortened(field): message for field, message in islice(errors.items(), _LISTED_FIELDS)}
    unlisted = len(errors) - len(listed)
    more = f", and {unlisted} more" if unlisted else ""
    wrong: list[WrongField] = [{"field": field, "message": message} for field, message in listed.items()]
    return ProblemError(status, f"Wrong fields: {', '.join(listed)}{more}.", wrong)


def wrong_cells(errors: Mapping[int, Mapping[str, str]]) -> ProblemError:
    """The problem of a batch with these wrong fields, by row."""
    listed = list(islice(chain.from_iterable(starmap(cells_of, errors.items())), _LISTED_CELLS))
    count = sum(map(len, errors.values()))
    more = (
        f"; the first {len(listed)} are listed, and there are {count - len(listed)} more" if count > len(listed) else ""
    )
    rows = f"{len(errors)} row{'s' if len(errors) > 1 else ''}"
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"Wrong fields: {count}, in {rows}{more}. Nothing was classified.", listed
    )


def cells_of(row: int, errors: Mapping[str, str]) -> list[WrongField]:
    """The wrong fields of one row of a batch."""
    return [{"row": row, "field": _shortened(field), "message": message} for field, message in errors.items()]


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"


def register(app: Flask) -> None:
    """Let every error of ``app`` be answered by a problem document."""
    app.register_error_handler(ProblemError, _respond)
    app.register_error_handler(ValidationError, lambda error: _respond(wrong_fields(field_errors(error))))
    app.register_error_handler(NoExplanationError, _unexplained)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _unexpected)


def _respond(problem: ProblemError) -> Response:
    if f"{request.path}/".startswith(OPEN_INFERENCE):
        return _as_inference_error(problem)
    document: ProblemDocument = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = problem.errors
    return Response(orjson.dumps(document), problem.status, problem.headers, content_type=MEDIA_TYPE)


def _as_inference_error(problem: ProblemError) -> Response:
    places = (
        f"row {error['row']}, {error['field']}: {error['message']}" if "row" in error else error["message"]
        for error in problem.errors
    )
    document: InferenceError = {"error": " ".join([problem.detail, "; ".join(places)]).rstrip()}
    # The protocol knows 400 for all that is wrong with what was sent.
    status = HTTPStatus.BAD_REQUEST if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY else problem.status
    return Response(orjson.dumps(document), status, problem.headers, content_type="application/json")


def _unexplained(_error: NoExplanationError) -> Response:
    return _respond(wrong_fields({"explain": "must be false: this model is not additive, so it has no contributions"}))


def _from_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status == HTTPStatus.NOT_FOUND:
        detail = "There is nothing at this address: /docs tells what there is."
    elif status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        detail = f"The body is too large: at most {request.max_content_length} bytes are read."
    elif isinstance(error, MethodNotAllowed):
        detail = f"This address answers only to {', '.join(sorted(error.valid_methods or ()))}."
    else:
        detail = error.description or status.description
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "WWW-Authenticate"}}
    return _respond(ProblemError(status, detail, headers=kept))


def _unexpected(error: Exception) -> Response:
    # The text of an exception may quote what it was given, and measurements are health data: it is not logged.
    where = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s at %s\n%s", type(error).__name__, request.endpoint, where)
    return _respond(
        ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed at this request; its log says where.")
    )
