"""Files on this machine that are there complete or not at all."""

from __future__ import annotations

import glob
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNFINISHED: Final = ".part"
# In a pattern, what is drawn for a name so that several can write at the same time.
_RANDOM: Final = "?" * 8


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is there once the block has ended, in place of the one before, and not at all if it fails."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def replace_file(path: Path, content: bytes) -> None:
    """:func:`whole_file`, of content that is there already."""
    with whole_file(path) as file:
        file.write(content)


def remove_unfinished(path: Path) -> None:
    """Remove what killed writers of ``path`` left. There must be none at work, which would fail."""
    for abandoned in path.parent.glob(f".{glob.escape(path.name)}.{_RANDOM}{_UNFINISHED}"):
        abandoned.unlink(missing_ok=True)
