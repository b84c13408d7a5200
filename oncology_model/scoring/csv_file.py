"""A CSV file and what it becomes."""

from __future__ import annotations

from codecs import BOM_UTF8
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from oncology_model.scoring.columns import REASON, added_columns
from oncology_model.scoring.csv_blocks import CsvBlocks
from oncology_model.scoring.csv_scoring import CsvScorer
from oncology_model.scoring.files import reading
from oncology_model.scoring.forms import compressed, decompressed
from oncology_model.scoring.pipeline import in_order
from oncology_model.scoring.scored import Scored
from oncology_model.scoring.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oncology_model.classifier import Classifier
    from oncology_model.scoring.csv_scoring import Written
    from oncology_model.scoring.part import Part


def scored(part: Part, classifier: Classifier, *, explain: bool, jobs: int) -> Iterator[tuple[Scored[Written], int]]:
    """The header, and the rows block by block; each with how many further bytes of the file it took."""

    def packed(block: Scored[Written]) -> Scored[Written]:
        accepted, rejected = compressed(block.accepted, part.target), compressed(block.rejected, part.rejects)
        return Scored(accepted, rejected, block.rows, block.rejects)

    with translated(part.source), reading(part.source) as file:
        blocks = CsvBlocks(decompressed(file, part.source))
        score = CsvScorer(classifier, blocks.header, explain=explain)
        header = blocks.written_header
        yield packed(Scored(_extended(header, explain=explain), _with_reason(header))), 0
        done = 0
        for block in in_order(lambda block: packed(score(block)), iter(blocks), jobs):
            at = file.tell()
            yield block, at - done
            done = at


def _extended(header: bytes, *, explain: bool) -> bytes:
    return b",".join([header, *(name.encode() for name in added_columns(explain=explain))])


def _with_reason(header: bytes) -> bytes:
    return REASON.encode() + b"," + header.removeprefix(BOM_UTF8) + b"\n"


@contextmanager
def writer(file: BinaryIO, header: Written) -> Iterator[BinaryIO]:
    """Writes blocks of such a file, after its header."""
    file.write(header)
    yield file
