"""Predictions for many tumours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from webservice import batch_answers, documentation, reading
from webservice.answers import JSON
from webservice.api import Resource, namespace, service
from webservice.batch_answers import BatchAnswer
from webservice.batch_reading import CSV, read_batch
from webservice.problems import wrong_cells
from webservice.routes.predict import EXPLAIN
from webservice.settings import MAX_BATCH_BYTES, MAX_BATCH_ROWS

if TYPE_CHECKING:
    from flask import Response

routes = namespace("batches", "Which of many tumours are benign, and which malignant?")

DESCRIPTION: Final = (
    "The body is a JSON array of tumours, or CSV: UTF-8, separated by commas, with a header row, the nine columns in "
    "any order and others among them, bare_nuclei empty or ? where not measured. The answer has the same form and "
    "order, or the form that Accept asks for. CSV comes back with all its columns, followed by those of the answer. "
    f"At most {MAX_BATCH_ROWS} tumours and {MAX_BATCH_BYTES} bytes are read, unless the operator set other limits. The "
    "body may be compressed (Content-Encoding: gzip), and the answer is where that is accepted; the limit holds for "
    "what was decompressed."
)

ERRORS: Final = {
    "type": "string",
    "enum": ["refuse", "inline"],
    "default": "refuse",
    "description": "Whether a wrong row refuses the batch, or is answered by what is wrong with it.",
}


@routes.route("/predict/batch")
@routes.doc(
    post={
        "id": "predict_batch",
        "description": DESCRIPTION,
        "consumes": [JSON, CSV],
        "expect": [[documentation.TUMOR]],
        "examples": {CSV: documentation.EXAMPLE_CSV},
        "params": {"explain": EXPLAIN, "errors": ERRORS},
        "produces": [JSON, CSV, documentation.PRODUCES[-1]],
        "responses": {
            200: ("What the model says of each tumour.", [documentation.BATCH_ANSWER]),
            400: ("The body is not JSON or not gzip, or has a field twice.", documentation.PROBLEM),
            406: ("The answer is wanted in another form.", documentation.PROBLEM),
            413: ("The body is too large, or has too many rows.", documentation.PROBLEM),
            415: ("The body is not said to be JSON or CSV, or is compressed in another way.", documentation.PROBLEM),
            422: (
                "Rows, columns or parameters are wrong; the first 100 wrong fields are named.",
                documentation.PROBLEM,
            ),
        },
    }
)
class PredictBatch(Resource):
    """Many tumours in, as many predictions out."""

    def post(self) -> Response:
        """Classify many tumours."""
        explain, inline = reading.read_choices({"explain": reading.FLAGS, "errors": {"refuse": False, "inline": True}})
        media_type = batch_answers.wanted_type()
        batch = read_batch(batch_answers.added_columns(explain=explain, inline=inline))
        if batch.tumors.errors and not inline:
            raise wrong_cells(batch.tumors.errors)
        serving = service()
        assessments = serving.assess_many(batch.tumors.matrix, explain=explain)
        errors = batch.tumors.errors if inline else None
        return batch_answers.respond(BatchAnswer(assessments, serving.model_version, errors), batch.csv, media_type)
