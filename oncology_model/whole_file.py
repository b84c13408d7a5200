"""Files on this machine that are there complete or not at all."""

from __future__ import annotations

import glob
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNFINISHED: Final = ".part"
_RANDOM: Final = "?" * 8
"""What tempfile puts into a name."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is there once the block has ended, in place of the one before, and not at all if it fails."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def replace_file(path: Path, content: bytes) -> None:
    """:func:`whole_file`, of content that is there already."""
    with whole_file(path) as file:
        file.write(content)


def remove_unfinished(path: Path) -> None:
    """Remove what killed writers of ``path`` left. There must be none at work, which would fail."""
    for abandoned in path.parent.glob(f".{glob.escape(path.name)}.{_RANDOM}{_UNFINISHED}"):
        abandoned.unlink(missing_ok=True)
