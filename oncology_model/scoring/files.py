"""Single files by path or URL, through fsspec: never read while they change, written whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from oncology_model.scoring.errors import ScoringError
from oncology_model.scoring.translation import shown, translated
from oncology_model.whole_file import remove_unfinished, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

FileSystem = Any
"""One of fsspec's, which has no types."""


def open_filesystem(location: str) -> tuple[FileSystem, str]:
    """The file system of a path or URL, and the path in it."""
    with translated(location):
        opened: tuple[FileSystem, str] = fsspec.url_to_fs(location)
        return opened


@contextmanager
def reading(location: str) -> Iterator[BinaryIO]:
    """Open a file, and see at the end that it is still the one that was opened.

    Raises:
        ScoringError: it cannot be opened, or was written to meanwhile, so that what was read may be no whole file.
    """
    filesystem, path = open_filesystem(location)
    with translated(location):
        before = _state(filesystem, path)
        file = filesystem.open(path, "rb")
    with file:
        yield file
    with translated(location):
        if _state(filesystem, path) != before:
            raise ScoringError(f"{shown(location)} changed while it was read: score it once it is complete")


def _state(filesystem: FileSystem, path: str) -> str:
    filesystem.invalidate_cache()
    state: str = filesystem.ukey(path)
    return state


@contextmanager
def whole(location: str) -> Iterator[BinaryIO]:
    """Write a file that is there once the block has ended, in place of the one before, and not at all if it fails.

    Raises:
        ScoringError: it cannot be written.
    """
    filesystem, path = open_filesystem(location)
    with translated(location), _whole_local(Path(path)) if is_local(filesystem) else _whole(filesystem, path) as file:
        yield file


@contextmanager
def _whole_local(path: Path) -> Iterator[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        yield file
    remove_unfinished(path)


@contextmanager
def _whole(filesystem: FileSystem, path: str) -> Iterator[BinaryIO]:
    file = filesystem.open(path, "wb", autocommit=False)
    try:
        yield file
        file.close()
        file.commit()
    except BaseException:
        file.discard()
        file.closed = True  # else it would write the rest as it is collected
        raise


def remove(location: str) -> None:
    """Remove a file, if it is there."""
    filesystem, path = open_filesystem(location)
    with translated(location), suppress(FileNotFoundError):
        filesystem.rm_file(path)


def url(filesystem: FileSystem, path: str) -> str:
    """The URL of a path in a file system, the same however it was written."""
    return str(filesystem.unstrip_protocol(os.path.realpath(path) if is_local(filesystem) else path.rstrip("/")))


def is_local(filesystem: FileSystem) -> bool:
    """Whether it is this machine's own."""
    return isinstance(filesystem, LocalFileSystem)
