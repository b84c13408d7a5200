"""What became of a block of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Scored(Generic[Content]):
    """A block's rows: those that were scored, with what was added, and those that could not be, with the reason.

    The first of a file has no rows, but what each of the two files begins with.
    """

    accepted: Content
    rejected: Content
    rows: int = 0
    rejects: int = 0
