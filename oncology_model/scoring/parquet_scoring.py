"""Scores Parquet: other columns keep their values and types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from oncology_model.csv_table import column_problems
from oncology_model.datamodel import FEATURES, HIGHEST_GRADE, LOWEST_GRADE
from oncology_model.grades import MISSING
from oncology_model.scoring.columns import LABELS, REASON, added_columns, numbers, reason
from oncology_model.scoring.errors import TableError
from oncology_model.scoring.scored import Scored
from oncology_model.table import NO_GRADE, from_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from oncology_model.classifier import Assessments, Classifier

_LABELS: Final = pa.array(LABELS, pa.string())
_PREDICTION: Final = pa.dictionary(pa.int8(), pa.string())


class ParquetScorer:
    """Scores batches of a Parquet file with one schema.

    Raises:
        TableError: columns are missing, hold no numbers, or have a name that will be added.
    """

    def __init__(self, classifier: Classifier, schema: pa.Schema, *, explain: bool) -> None:
        _check(schema, added_columns(explain=explain))
        self._classifier = classifier
        self._explain = explain
        prediction, *others = added_columns(explain=explain)
        added = [pa.field(prediction, _PREDICTION), *(pa.field(name, pa.float64()) for name in others)]
        self._accepted = pa.schema([*schema, *added], schema.metadata)
        self._rejected = pa.schema([pa.field(REASON, pa.string()), *schema], schema.metadata)

    def nothing(self) -> Scored[pa.RecordBatch]:
        """The columns of both tables."""
        return Scored(self._accepted.empty_table(), self._rejected.empty_table())

    def __call__(self, batch: pa.RecordBatch) -> Scored[pa.RecordBatch]:
        """Score a batch of rows."""
        tumors = from_columns(_codes(batch[feature]).tobytes() for feature in FEATURES)
        wrong = np.array(sorted(tumors.errors), dtype=np.intp)
        right = np.delete(np.arange(len(batch)), wrong)
        assessments = self._classifier.assess_many(tumors.matrix[right], explain=self._explain)
        kept = batch.take(pa.array(right)) if len(wrong) else batch
        reasons = pa.array([reason(tumors.errors[row]) for row in wrong.tolist()], pa.string())
        return Scored(
            pa.RecordBatch.from_arrays([*kept.columns, *_added(assessments, len(right))], schema=self._accepted),
            pa.RecordBatch.from_arrays([reasons, *batch.take(pa.array(wrong)).columns], schema=self._rejected),
            rows=len(batch),
            rejects=len(wrong),
        )


def _check(schema: pa.Schema, added: Sequence[str]) -> None:
    if problems := column_problems(schema.names, added):
        raise TableError("; ".join(f"the table {problem}" for problem in problems))
    if textual := [name for name in FEATURES if not _is_numeric(schema.field(name).type)]:
        raise TableError(
            f"the columns {', '.join(textual)} hold no numbers: write grades as integers, and missing ones as null"
        )


def _is_numeric(kind: pa.DataType) -> bool:
    # A column of which nothing was measured may have been written without a type.
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind))


def _codes(column: pa.Array) -> NDArray[np.uint8]:
    if pa.types.is_null(column.type):
        return np.full(len(column), MISSING, dtype=np.uint8)
    values: NDArray[np.number[Any]] = column.fill_null(LOWEST_GRADE).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):  # what does not fit comes out unequal
        codes = values.astype(np.uint8)
    codes[(codes != values) | (codes < LOWEST_GRADE) | (codes > HIGHEST_GRADE)] = NO_GRADE
    missing = column.is_null(nan_is_null=True)
    if missing.true_count:
        codes[missing.to_numpy(zero_copy_only=False)] = MISSING
    return codes


def _added(assessments: Assessments, count: int) -> list[pa.Array]:
    labels = pa.DictionaryArray.from_arrays(pa.array(assessments.malignant.astype(np.int8)), _LABELS)
    return [labels, *(pa.array(np.broadcast_to(values, count)) for values in numbers(assessments))]
