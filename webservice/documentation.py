"""What the documents show: the definitions by which requests are checked and answers are written."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Final

from pydantic import Field

from oncology_model import FEATURES, Tumor
from oncology_model.manifest import Manifest
from webservice.answers import JSON, Answer, Status
from webservice.batch_answers import WrongRow
from webservice.problems import MEDIA_TYPE, ProblemDocument
from webservice.schemas import Model
from webservice.service import EXAMPLE

EXAMPLE_BODY: Final = dataclasses.asdict(EXAMPLE)
EXAMPLE_CSV: Final = "".join(f"{','.join(map(str, row))}\r\n" for row in (FEATURES, EXAMPLE_BODY.values()))

_EXAMPLE_PROBLEM: Final = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Wrong fields: bare_nuclei.",
    "errors": [{"field": "bare_nuclei", "message": "is required"}],
}

PRODUCES: Final = [JSON, MEDIA_TYPE]

TUMOR: Final = Model("Tumor", Tumor, EXAMPLE_BODY)
ANSWER: Final = Model("Answer", Answer)
BATCH_ANSWER: Final = Model(
    "BatchAnswer",
    Annotated[Answer | WrongRow, Field(description="What the model says of one tumour, or what is wrong.")],
)
MANIFEST: Final = Model("Manifest", Manifest)
STATUS: Final = Model("Status", Status)
PROBLEM: Final = Model("Problem", ProblemDocument)
WRONG_FIELDS: Final = Model("WrongFields", ProblemDocument, _EXAMPLE_PROBLEM)
