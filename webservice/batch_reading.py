"""Many tumours in one request: JSON or CSV, perhaps compressed, and never more than the limits."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import numpy as np
from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from oncology_model import FEATURES, csv_table
from oncology_model.datamodel import HIGHEST_GRADE, LOWEST_GRADE, MISSABLE
from oncology_model.grades import MISSING
from oncology_model.table import Table, as_table
from webservice.answers import JSON
from webservice.problems import ProblemError
from webservice.reading import parse_json, read_body

if TYPE_CHECKING:
    from collections.abc import Collection

CSV: Final = "text/csv"

# Values that a row may have before the request is refused unread: strange fields shall be named, and yet a body of
# commas shall not become a million objects.
_MOST_VALUES: Final = 2 * len(FEATURES)

_Grade = Annotated[int, msgspec.Meta(ge=LOWEST_GRADE, le=HIGHEST_GRADE)]
_Row: Any = msgspec.defstruct(
    "_Row",
    [(feature, _Grade | None if feature in MISSABLE else _Grade) for feature in FEATURES],
    forbid_unknown_fields=True,
    gc=False,
)
_decoder: Final = msgspec.json.Decoder(list[_Row])


@dataclass(frozen=True, slots=True)
class Batch:
    """What was sent."""

    tumors: Table
    csv: csv_table.Csv | None
    """The table, where the request was CSV."""


def read_batch(added_columns: Collection[str]) -> Batch:
    """The tumours in the body, checked; wrong ones are in the table's ``errors``.

    Args:
        added_columns: what CSV must not have already, since it comes back with these.

    Raises:
        ProblemError: the body is no array of JSON objects and no CSV with the nine columns.
        werkzeug.exceptions.RequestEntityTooLarge: it is too large, as it is or decompressed.
    """
    if request.mimetype not in {JSON, CSV}:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The body must be JSON or CSV, and the header must say so: Content-Type: {JSON} or {CSV}",
            headers={"Accept-Post": f"{JSON}, {CSV}"},
        )
    request.max_content_length = current_app.config["MAX_BATCH_BYTES"]
    body = _decompress(read_body())
    most_rows: int = current_app.config["MAX_BATCH_ROWS"]
    if request.mimetype == JSON:
        return Batch(_from_json(body, most_rows), None)
    try:
        table = csv_table.parse(body, most_rows=most_rows, reserved=added_columns)
    except csv_table.CsvError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"The body is no table of tumours: {error}.") from None
    if table is None:
        raise _too_many_rows(most_rows)
    return Batch(table.tumors, table)


def _decompress(body: bytes) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body may be compressed by gzip and in no other way.",
            headers={"Accept-Encoding": "gzip"},
        )
    limit: int = current_app.config["MAX_BATCH_BYTES"]
    try:
        # Reads no more than is asked for: a small body may decompress to a thousand times its size.
        content = gzip.GzipFile(fileobj=io.BytesIO(body)).read(limit + 1)
    except (OSError, EOFError, zlib.error):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body is not gzip, or was cut short.") from None
    if len(content) > limit:
        raise RequestEntityTooLarge
    return content


def _from_json(body: bytes, most_rows: int) -> Table:
    tumors = _decode_valid(body)
    if tumors is None:
        tumors = _decode(body, most_rows)
    if len(tumors.matrix) > most_rows:
        raise _too_many_rows(most_rows)
    return tumors


def _decode_valid(body: bytes) -> Table | None:
    """The tumours of a body in which all are valid, several times faster than otherwise; else None."""
    try:
        rows = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # A field given twice goes unnoticed above. Nine known keys and their numbers hold no other colon.
    if np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord(":")) != len(FEATURES) * len(rows):
        return None
    try:
        codes = _codes(rows)
    except TypeError:  # null is no byte; most batches have none, and looking for them takes a while
        for row in rows:
            if row.bare_nuclei is None:
                row.bare_nuclei = MISSING
        codes = _codes(rows)
    return Table(np.frombuffer(codes, dtype=np.uint8).reshape(-1, len(FEATURES)))


def _codes(rows: list[Any]) -> bytes:
    return b"".join(map(bytes, map(msgspec.structs.astuple, rows)))


def _decode(body: bytes, most_rows: int) -> Table:
    if body.count(b",") > _MOST_VALUES * most_rows:
        raise _too_many_rows(most_rows)
    content = parse_json(body)
    if not isinstance(content, list):
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "The body must be a JSON array of tumours.")
    if len(content) > most_rows:
        raise _too_many_rows(most_rows)
    return as_table(content)


def _too_many_rows(most_rows: int) -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The batch is too large: at most {most_rows} tumours are read."
    )
