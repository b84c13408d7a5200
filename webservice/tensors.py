"""Tumours as tensors of the Open Inference Protocol, and what the model says of them as tensors again."""

from __future__ import annotations

import math
from contextlib import suppress
from http import HTTPStatus
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, get_args

from pydantic import TypeAdapter, ValidationError

from oncology_model import FEATURES
from oncology_model.datamodel import HIGHEST_GRADE, LOWEST_GRADE
from oncology_model.grades import MISSING
from oncology_model.table import NO_GRADE, from_columns
from webservice.open_inference import InferenceRequest, Output
from webservice.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncology_model import Assessments
    from oncology_model.table import Table
    from webservice.open_inference import InputTensor, OutputTensor, WantedOutput

_WIDTH: Final = len(FEATURES)
_MISSING_TEXT: Final = "NaN or null"
# Looked up, so that a fraction is not rounded: 4.0 is the key 4, and 4.5 is none.
_CODES: Final[dict[float | None, int]] = {grade: grade for grade in range(LOWEST_GRADE, HIGHEST_GRADE + 1)} | {
    None: MISSING
}
_NUMBERS: Final = frozenset({int, float, type(None)})
_LISTED_ERRORS: Final = 20

_request = TypeAdapter(InferenceRequest)


def check_request(content: object) -> InferenceRequest:
    """``content``, parsed JSON, as the request that it is.

    Raises:
        ProblemError: it is none; names the wrong places, never a value.
    """
    try:
        return _request.validate_python(content, strict=True)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        listed = [
            f"{'.'.join(map(str, problem['loc'])) or 'the body'}: {problem['msg']}"
            for problem in islice(problems, _LISTED_ERRORS)
        ]
        raise _refusal(f"This is no inference request: {'; '.join(listed)}") from None


def read_tumors(inputs: Sequence[InputTensor], most_rows: int) -> Table:
    """The tumours in the tensors, checked; wrong ones are in the table's ``errors``.

    Raises:
        ProblemError: the tensors are not those of a request, disagree, or have more than ``most_rows`` rows.
    """
    if len(inputs) == 1 and inputs[0]["shape"][1:] == [_WIDTH]:
        codes = _codes(inputs[0], "The tensor", _WIDTH, most_rows)
        return from_columns((codes[place::_WIDTH] for place in range(_WIDTH)), _MISSING_TEXT)
    named = _by_name(inputs)
    columns = [_codes(named[feature], feature, 1, most_rows) for feature in FEATURES]
    if len(set(map(len, columns))) > 1:
        raise _refusal("The tensors must all have the same number of rows")
    return from_columns(columns, _MISSING_TEXT)


def _by_name(inputs: Sequence[InputTensor]) -> dict[str, InputTensor]:
    named = {tensor["name"]: tensor for tensor in inputs if tensor["shape"] and tensor["shape"][1:] in ([], [1])}
    if len(inputs) != _WIDTH or named.keys() != set(FEATURES):
        raise _refusal(
            f"The inputs must be one tensor of shape [n, {_WIDTH}], or {_WIDTH} tensors of shape [n] or [n, 1], "
            f"named {', '.join(FEATURES)}"
        )
    return named


def _codes(tensor: InputTensor, name: str, width: int, most_rows: int) -> bytes:
    """The codes of a tensor, row by row; for what is none NO_GRADE, or another number above the highest grade."""
    rows = tensor["shape"][0]
    # Before anything of that size is made.
    if rows > most_rows:
        raise _refusal(f"{name} has too many rows: at most {most_rows} tumours are read")
    values = tensor["data"]
    if values and isinstance(values[0], list):
        if any(not isinstance(row, list) or len(row) != width for row in values):
            raise _refusal(f"{name} has data whose rows are not those of its shape")
        values = list(chain.from_iterable(values))
    if len(values) != rows * width:
        raise _refusal(f"{name} has data of {len(values)} values, and its shape says {rows * width}")
    kinds = set(map(type, values))
    if not kinds <= _NUMBERS:
        raise _refusal(f"{name} has data that are not all numbers or null")
    if kinds == {int}:
        # Most are grades as they stand, ten times faster taken together.
        with suppress(ValueError):
            codes = bytes(values)
            if MISSING not in codes:
                return codes
    return bytes(map(_code, values))


def _code(value: float | None) -> int:
    code = _CODES.get(value)
    if code is not None:
        return code
    return MISSING if isinstance(value, float) and math.isnan(value) else NO_GRADE


def output_tensors(assessments: Assessments, wanted: Sequence[WantedOutput]) -> list[OutputTensor]:
    """The outputs that are wanted, all if none is named, in that order."""
    names = list(dict.fromkeys(output["name"] for output in wanted)) or get_args(Output)
    shape = [len(assessments.probability)]
    outputs: dict[str, OutputTensor] = {
        "prediction": {
            "name": "prediction",
            "shape": shape,
            "datatype": "BYTES",
            "data": assessments.predictions.tolist(),
        },
        "probability": {
            "name": "probability",
            "shape": shape,
            "datatype": "FP64",
            "data": assessments.probability.tolist(),
        },
    }
    return [outputs[name] for name in names]


def _refusal(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, f"{detail}.")
