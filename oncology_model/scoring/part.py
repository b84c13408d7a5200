"""One part of a job: a file that becomes a file of the same form, and perhaps a file of rejects."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncology_model.scoring import csv_file, parquet_file
from oncology_model.scoring.files import remove, whole
from oncology_model.scoring.forms import is_parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    from oncology_model.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes what; all by path or URL."""

    source: str
    target: str
    rejects: str
    size: int
    """Of the source, in bytes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows that were read, and how many of them were rejected."""

    rows: int = 0
    rejected: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.rows + other.rows, self.rejected + other.rejected)


def score(
    part: Part,
    classifier: Classifier,
    *,
    explain: bool = False,
    jobs: int = 1,
    advance: Callable[[int, int], None] = lambda _rows, _bytes: None,
) -> Counts:
    """Score a part: its target is there complete at the end, its rejects before that, and neither if it fails.

    Args:
        part: what to score.
        classifier: what with.
        explain: also add the contributions.
        jobs: threads; the result does not depend on it.
        advance: called as blocks are done, with further rows and further bytes of the source.

    Raises:
        ScoringError: the source is no table of tumours, or something cannot be read or written.
        NoExplanationError: the model is not additive.
    """
    form: Any = parquet_file if is_parquet(part.source) else csv_file
    counts = Counts()
    # What is entered last is left first: where the target is there, so are its rejects.
    with ExitStack() as files, closing(form.scored(part, classifier, explain=explain, jobs=jobs)) as blocks:

        def create(location: str, beginning: Any) -> Any:  # noqa: ANN401 - what the form writes
            return files.enter_context(form.writer(files.enter_context(whole(location)), beginning))

        beginning, _ = next(blocks)
        target, rejects = create(part.target, beginning.accepted), None
        for block, size in blocks:
            target.write(block.accepted)
            if block.rejects:
                rejects = rejects or create(part.rejects, beginning.rejected)
                rejects.write(block.rejected)
            counts += Counts(block.rows, block.rejects)
            advance(block.rows, size)
        if not counts.rejected:
            remove(part.rejects)  # of an earlier run
    return counts
