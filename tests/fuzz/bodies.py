"""For :mod:`tests.fuzz.test_bodies`: gives atheris the readers of bodies, in a process that it may end.

``python -m tests.fuzz.bodies ARTIFACT CORPUS -max_total_time=SECONDS``
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["oncology_model", "webservice"]):
    from pydantic import ValidationError
    from werkzeug.exceptions import RequestEntityTooLarge

    from oncology_model.grades import codes_of
    from webservice.app import create_app
    from webservice.batch_reading import read_batch
    from webservice.problems import ProblemError
    from webservice.reading import read_tumor
    from webservice.settings import Settings

DESIGNED = (ProblemError, ValidationError, RequestEntityTooLarge)
JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}
GZIP = {"Content-Encoding": "gzip"}


def codes_alone(body: bytes) -> tuple[int, ...] | None:
    """The codes of a tumour as ``/predict`` reads it, or None where it refuses."""
    with app.test_request_context("/predict", method="POST", data=body, headers=JSON):
        try:
            return codes_of(read_tumor())
        except DESIGNED:
            return None


def codes_in_batch(body: bytes, headers: dict[str, str]) -> list[tuple[int, ...]] | None:
    """The codes of the tumours as ``/predict/batch`` reads them, or None where it refuses them."""
    with app.test_request_context("/predict/batch", method="POST", data=body, headers=headers):
        try:
            tumors = read_batch(()).tumors
        except DESIGNED:
            return None
    return None if tumors.errors else [tuple(row) for row in tumors.matrix.tolist()]


def read(body: bytes) -> None:
    """Read ``body`` in every way: nothing undesigned is raised, and the ways agree."""
    for headers in (JSON, CSV):
        codes_in_batch(body, headers | GZIP)
        assert codes_in_batch(gzip.compress(body, 1, mtime=0), headers | GZIP) == codes_in_batch(body, headers)
    alone, among = codes_alone(body), codes_in_batch(b"[%b]" % body, JSON)
    if alone or (among and len(among) == 1):
        assert among == [alone]


if __name__ == "__main__":
    app = create_app(Settings(model_dir=Path(sys.argv.pop(1))))
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
