"""What the service answers to a batch, in the order of its rows: JSON or CSV, perhaps compressed."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

import orjson
from flask import request
from pydantic import Field
from typing_extensions import TypedDict

from oncology_model import FEATURES, Prediction
from webservice.answers import JSON
from webservice.batch_reading import CSV
from webservice.framework import Response
from webservice.problems import ProblemError, WrongValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oncology_model import Assessments
    from oncology_model.csv_table import Csv

COLUMNS: Final = ("prediction", "probability", "threshold", "model_version")
CONTRIBUTIONS: Final = ("intercept", *FEATURES)
ERROR: Final = "error"

_GZIP_LEVEL: Final = 1  # higher levels cost several times the prediction
_LEAST_COMPRESSED: Final = 1024

_VARIES: Final = {"Vary": "Accept, Accept-Encoding"}

ARRAY: Final = (b"[", b"]")
"""What JSON puts around the answers to a batch."""

_STARTS: Final = [b'{"prediction":"%b","probability":' % prediction.value.encode() for prediction in Prediction]


class WrongRow(TypedDict):
    """What is answered to a wrong row in place of a prediction."""

    errors: Annotated[
        list[WrongValue], Field(description="With errors=inline: what is wrong with the row, and nothing else.")
    ]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What is to be told of n tumours."""

    assessments: Assessments
    model_version: str
    errors: Mapping[int, Mapping[str, str]] | None
    """What is wrong with the rows that could not be assessed; None where any such row refuses the batch."""


def added_columns(*, explain: bool, inline: bool) -> list[str]:
    """The columns that CSV comes back with, after its own."""
    contributions = [f"contribution_{name}" for name in CONTRIBUTIONS] if explain else []
    return [*COLUMNS, *contributions, *([ERROR] if inline else [])]


def wanted_type() -> str:
    """The media type to answer in: the request's own, unless ``Accept`` asks for the other.

    Raises:
        ProblemError: it asks for neither.
    """
    types = (JSON, CSV) if request.mimetype == JSON else (CSV, JSON)
    wanted = request.accept_mimetypes.best_match(types) if request.accept_mimetypes else types[0]
    if wanted is None:
        raise ProblemError(HTTPStatus.NOT_ACCEPTABLE, f"Answers are to be had as {JSON} and as {CSV}.")
    return wanted


def respond(answer: BatchAnswer, table: Csv | None, media_type: str, around: tuple[bytes, bytes] = ARRAY) -> Response:
    """The response that tells ``answer``.

    Args:
        answer: what to tell.
        table: what was sent, if that was CSV: CSV comes back with all its columns, and a header if it had one.
        media_type: JSON or CSV.
        around: what JSON puts before and after the answers.
    """
    body = _to_json(answer, around) if media_type == JSON else _to_csv(answer, table)
    content_type = JSON if media_type == JSON else f"{CSV}; charset=utf-8"
    response = Response(body, content_type=content_type, headers=_VARIES)
    if len(body) >= _LEAST_COMPRESSED and request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(body, _GZIP_LEVEL))
        response.content_encoding = "gzip"
    return response


def _to_json(answer: BatchAnswer, around: tuple[bytes, bytes]) -> bytes:
    assessments = answer.assessments
    count = len(assessments.probability)
    if not count:
        return b"".join(around)
    constant = orjson.dumps({"threshold": assessments.threshold, "model_version": answer.model_version})[1:-1]
    # Of each row what comes before its probability, that, and what comes after, which is the same in thousands of rows.
    parts = [b""] * (3 * count)
    parts[0::3] = map(_STARTS.__getitem__, assessments.malignant.tolist())
    parts[1::3] = orjson.dumps(assessments.probability, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    parts[2::3] = [b",%b}," % constant] * count
    if assessments.contributions is not None:
        parts[2::3] = [b",%b,%b," % (constant, told) for told in _contributions(assessments)]
    for row, errors in (answer.errors or {}).items():
        told = [{"field": field, "message": message} for field, message in errors.items()]
        parts[3 * row : 3 * row + 3] = orjson.dumps({"errors": told}), b"", b","
    return b"".join((around[0], b"".join(parts)[:-1], around[1]))


def _contributions(assessments: Assessments) -> Iterator[bytes]:
    for values in _contribution_rows(assessments):
        yield orjson.dumps({"contributions": dict(zip(CONTRIBUTIONS, values, strict=True))})[1:]


def _contribution_rows(assessments: Assessments) -> Iterator[list[float]]:
    if assessments.contributions is not None and assessments.intercept is not None:
        for values in assessments.contributions.tolist():
            yield [assessments.intercept, *values]


def _to_csv(answer: BatchAnswer, table: Csv | None) -> bytes:
    assessments, errors = answer.assessments, answer.errors
    explain = assessments.contributions is not None
    count = len(assessments.probability)
    constant = [assessments.threshold, answer.model_version]
    columns = zip(assessments.predictions.tolist(), assessments.probability.tolist(), strict=True)
    contributions = _contribution_rows(assessments) if explain else iter([[]] * count)
    told = [[*row, *constant, *more] for row, more in zip(columns, contributions, strict=True)]
    added = added_columns(explain=explain, inline=errors is not None)
    if errors is not None:
        nothing = [""] * (len(added) - 1)
        said = {
            row: "; ".join(f"{field} {message}".strip() for field, message in wrong.items())
            for row, wrong in errors.items()
        }
        told = [[*nothing, said[row]] if row in said else [*values, ""] for row, values in enumerate(told)]
    header, given = (table.header, table.rows) if table else ([], [[]] * count)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if table is None or table.has_header:
        writer.writerow([*header, *added])
    writer.writerows(own + more for own, more in zip(given, told, strict=True))
    return text.getvalue().encode()
