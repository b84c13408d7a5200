"""One line for people for whatever can go wrong with a file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from oncology_model.scoring.errors import ScoringError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def translated(location: str) -> Iterator[None]:
    """Turn what goes wrong with ``location`` into a :class:`ScoringError`."""
    try:
        yield
    except Exception as error:
        if not _concerns_files(error):
            raise
        raise ScoringError(f"{shown(location)}: {_reason(error)}") from error


def shown(location: str) -> str:
    """A path or URL as people write it."""
    return location.removeprefix("file://")


def _concerns_files(error: Exception) -> bool:
    if isinstance(error, TableError | OSError | ImportError | pa.ArrowException):
        return True
    # What S3's client raises has no class in common with these, and is not imported here.
    return type(error).__module__.startswith("botocore")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
