"""What SageMaker's clients send: as a batch, and one tumour, or ``{"instances": […]}``, or CSV without a header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import request
from typing_extensions import TypedDict

from oncology_model import Tumor  # noqa: TC001 - pydantic reads the annotation
from oncology_model.table import as_table
from webservice.answers import JSON, Answer
from webservice.batch_answers import ARRAY
from webservice.batch_reading import CSV, Batch, from_csv, from_json, from_objects, parse_bounded, read_content
from webservice.problems import wrong_cells, wrong_fields

if TYPE_CHECKING:
    from collections.abc import Collection

_INSTANCES: Final = "instances"
_ALONE: Final = (b"", b"")
_PREDICTIONS: Final = (b'{"predictions":[', b"]}")


class Instances(TypedDict):
    """Many tumours, in an envelope that may carry more one day."""

    instances: list[Tumor]


class Predictions(TypedDict):
    """What the model says of each of them."""

    predictions: list[Answer]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was sent, all of it valid."""

    batch: Batch
    around: tuple[bytes, bytes] = ARRAY
    """What JSON puts around the answers, so that they have the form of the request."""


def read_invocation(added_columns: Collection[str]) -> Invocation:
    """The tumours in the body.

    Args:
        added_columns: what CSV must not have already, since it comes back with these.

    Raises:
        ProblemError: they are in no such form, or some are wrong.
        werkzeug.exceptions.RequestEntityTooLarge: the body is too large, as it is or decompressed.
    """
    body = read_content(JSON, CSV)
    invocation = (
        _from_json(body) if request.mimetype == JSON else Invocation(from_csv(body, added_columns, needs_header=False))
    )
    if errors := invocation.batch.tumors.errors:
        raise wrong_fields(errors[0]) if invocation.around == _ALONE else wrong_cells(errors)
    return invocation


def _from_json(body: bytes) -> Invocation:
    if body.lstrip().startswith(b"["):
        return Invocation(Batch(from_json(body), None))
    content = parse_bounded(body)
    if isinstance(content, dict) and content.keys() == {_INSTANCES}:
        return Invocation(Batch(from_objects(content[_INSTANCES], _INSTANCES), None), _PREDICTIONS)
    return Invocation(Batch(as_table([content]), None), _ALONE)
