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

    from numpy.typing import NDArray

CSV: Final = "text/csv"

_NAMES: Final = {JSON: "JSON", CSV: "CSV"}

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
_encoder: Final = msgspec.msgpack.Encoder()

# A row in MessagePack: a byte that says how many fields follow, then each name and a byte for the grade, which is its
# number, or null. https://github.com/msgpack/msgpack/blob/master/spec.md
_PACKED_NULL: Final = 0xC0
_PACKED_GRADES: Final = np.cumsum([1 + len(_encoder.encode(feature)) for feature in FEATURES])
_PACKED_ROW_BYTES: Final = int(_PACKED_GRADES[-1]) + 1


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
    body = read_content(JSON, CSV)
    return Batch(from_json(body), None) if request.mimetype == JSON else from_csv(body, added_columns)


def read_content(*media_types: str, or_unsaid: bool = False) -> bytes:
    """The body, decompressed, of at most as many bytes as a batch may have.

    Args:
        media_types: what it may be.
        or_unsaid: whether the header may also say nothing.

    Raises:
        ProblemError: it is said to be of none of these media types, or is not compressed as it is said to be.
        werkzeug.exceptions.RequestEntityTooLarge: it is too large, as it is or decompressed.
    """
    if request.mimetype not in media_types and (request.mimetype or not or_unsaid):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The body must be {' or '.join(_NAMES[media_type] for media_type in media_types)}, and the header must "
            f"say so: Content-Type: {' or '.join(media_types)}",
            headers={"Accept-Post": ", ".join(media_types)},
        )
    request.max_content_length = current_app.config["MAX_BATCH_BYTES"]
    return _decompress(read_body())


def from_csv(body: bytes, added_columns: Collection[str], *, needs_header: bool = True) -> Batch:
    """The tumours of CSV, checked; see :func:`oncology_model.csv_table.parse`.

    Raises:
        ProblemError: it is no table of tumours, or has too many rows.
    """
    try:
        table = csv_table.parse(body, most_rows=most_rows(), reserved=added_columns, needs_header=needs_header)
    except csv_table.CsvError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"The body is no table of tumours: {error}.") from None
    if table is None:
        raise too_many_rows()
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


def from_json(body: bytes) -> Table:
    """The tumours of a JSON array, checked.

    Raises:
        ProblemError: it is no JSON array, or has too many elements.
    """
    tumors = _decode_valid(body)
    if tumors is None:
        return from_objects(parse_bounded(body), "The body")
    if len(tumors.matrix) > most_rows():
        raise too_many_rows()
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
    return Table(_codes(rows))


def _codes(rows: list[Any]) -> NDArray[np.uint8]:
    """Shape (n, 9), by way of MessagePack, which msgspec writes faster than Python takes nine fields from each row."""
    packed = _encoder.encode(rows)
    cells = np.frombuffer(packed, dtype=np.uint8)[len(packed) - _PACKED_ROW_BYTES * len(rows) :]
    codes = cells.reshape(-1, _PACKED_ROW_BYTES)[:, _PACKED_GRADES]
    codes[codes == _PACKED_NULL] = MISSING
    return codes


def parse_bounded(body: bytes, *, allow_nan: bool = False) -> object:
    """Parse JSON that holds no more values than a batch may need.

    Raises:
        ProblemError: it is no JSON, has a field twice, or holds too many values.
    """
    if body.count(b",") > _MOST_VALUES * most_rows():
        raise too_many_rows()
    return parse_json(body, allow_nan=allow_nan)


def from_objects(content: object, name: str) -> Table:
    """The tumours of a parsed array, checked.

    Raises:
        ProblemError: ``content``, called ``name`` in the message, is no array, or has too many elements.
    """
    if not isinstance(content, list):
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} must be a JSON array of tumours.")
    if len(content) > most_rows():
        raise too_many_rows()
    return as_table(content)


def most_rows() -> int:
    """How many tumours one request may have."""
    most: int = current_app.config["MAX_BATCH_ROWS"]
    return most


def too_many_rows() -> ProblemError:
    """The problem of a request that has more."""
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The batch is too large: at most {most_rows()} tumours are read."
    )
