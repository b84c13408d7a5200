"""A Parquet file and what it becomes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from oncology_model.scoring.columns import PROBABILITY
from oncology_model.scoring.files import reading
from oncology_model.scoring.parquet_scoring import ParquetScorer
from oncology_model.scoring.pipeline import in_order
from oncology_model.scoring.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oncology_model.classifier import Classifier
    from oncology_model.scoring.part import Part
    from oncology_model.scoring.scored import Scored

# A batch becomes a row group, and smaller ones are slower to read; of rows that are large it has fewer.
_BATCH_ROWS: Final = 1 << 17
_BATCH_BYTES: Final = 1 << 24
# In memory a cell takes this much, and what is written may take a bit.
_CELL_BYTES: Final = 8
_BUFFER_BYTES: Final = 1 << 20

# Nearly all different, so that a dictionary of them would only cost time.
_VARIED: Final = frozenset({PROBABILITY})


def scored(
    part: Part, classifier: Classifier, *, explain: bool, jobs: int
) -> Iterator[tuple[Scored[pa.RecordBatch], int]]:
    """Nothing but the columns, and the rows batch by batch; each with how many bytes of the file it took."""
    # By default, all that the file holds is read before the first batch comes, and kept until the last one did.
    sparing = {"pre_buffer": False, "buffer_size": _BUFFER_BYTES}
    with translated(part.source), reading(part.source) as file, pq.ParquetFile(file, **sparing) as table:
        score = ParquetScorer(classifier, table.schema_arrow, explain=explain)
        yield score.nothing(), 0
        batches = table.iter_batches(_batch_rows(table.metadata), use_threads=False)
        for block in in_order(score, batches, jobs):
            yield block, part.size * block.rows // table.metadata.num_rows


def _batch_rows(metadata: pq.FileMetaData) -> int:
    groups = (metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    row_bytes = max(sum(groups) / max(metadata.num_rows, 1), _CELL_BYTES * metadata.num_columns)
    return int(max(min(_BATCH_ROWS, _BATCH_BYTES / row_bytes), 1))


@contextmanager
def writer(file: BinaryIO, nothing: pa.RecordBatch) -> Iterator[pq.ParquetWriter]:
    """Writes batches of such a file."""
    names = [name for name in nothing.schema.names if name not in _VARIED]
    with pq.ParquetWriter(file, nothing.schema, use_dictionary=names) as opened:
        yield opened
