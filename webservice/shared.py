"""Files on a memory disk in which workers count, so that whoever scrapes sees all of them, and those before them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client learns that several processes count, and where."""

_MEMORY_DISK: Final = "/dev/shm"  # noqa: S108 - the folder made there is this user's alone

# What one worker's files take, with room for twice the routes that there are.
_RESERVED_BYTES: Final = 128 * 1024
_RESERVED_FILES: Final = ("counter", "histogram", "gauge_livesum", "gauge_max")

_MAIN: Final = "main"

_taken: tuple[int, str] = (0, "")


class NoPlaceError(OSError):
    """There is nowhere to count."""


def prepare(port: int, bases: Sequence[str] | None = None) -> Path:
    """Make an empty folder for the workers of the service at ``port``, and tell prometheus_client.

    Counts start at zero with the service: Prometheus knows that counters may.

    Raises:
        NoPlaceError: no folder of ``bases``, by default the memory disk and that of temporary files, is writable and
            has room.
    """
    bases = bases or _usual_bases()
    for base in bases:
        directory = Path(base) / f"oncology-{os.getuid()}-{port}"
        # Made by us, or not at all: a link that another user left there is not followed.
        shutil.rmtree(directory, ignore_errors=True)
        try:
            directory.mkdir(mode=0o700)
            os.environ[DIRECTORY] = str(directory)
            take(_MAIN)
            reserve(_MAIN)
        except OSError:
            shutil.rmtree(directory, ignore_errors=True)
            os.environ.pop(DIRECTORY, None)
        else:
            return directory
    raise NoPlaceError(f"no room for the metrics in {' or '.join(bases)}: mount a memory disk at one of them")


def _usual_bases() -> Sequence[str]:
    try:
        return _MEMORY_DISK, tempfile.gettempdir()
    except FileNotFoundError:  # it looks for one that is writable
        return _MEMORY_DISK, "/tmp"  # noqa: S108 - the folder made there is this user's alone


def directory() -> Path | None:
    """Where the processes of this service count; None where each counts for itself."""
    name = os.environ.get(DIRECTORY)
    return Path(name) if name else None


def remove() -> None:
    """Remove the folder with all that was counted."""
    if folder := directory():
        shutil.rmtree(folder, ignore_errors=True)


def reserve(place: str) -> None:
    """Take the room for the files of ``place``: a worker that writes where there is none is killed by SIGBUS.

    Raises:
        OSError: there is no room.
    """
    folder = directory()
    for name in _RESERVED_FILES if folder else ():
        handle = os.open(f"{folder}/{name}_{place}.db", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, _RESERVED_BYTES)
        finally:
            os.close(handle)


def take(place: str) -> None:
    """Let this process count at ``place``, where a worker that has ended may have counted before."""
    global _taken  # noqa: PLW0603 - as a process has one identifier, it has one place
    _taken = (os.getpid(), place)


def place() -> str:
    """Where this process counts: at the place it took, or at one of its own."""
    process = os.getpid()
    return _taken[1] if _taken[0] == process else str(process)


def forget(place: str) -> None:
    """Let what a process that has ended told of itself, unlike what it counted, be told no more."""
    for file in folder.glob(f"gauge_live*_{place}.db") if (folder := directory()) else ():
        file.unlink(missing_ok=True)


def forget_ended() -> None:
    """:func:`forget` the places of processes that had taken none and have ended."""
    for file in folder.glob("gauge_live*.db") if (folder := directory()) else ():
        place = file.stem.rpartition("_")[2]
        if place.isdecimal() and not Path("/proc", place).exists():
            forget(place)


def lowest_free(taken: Iterable[str]) -> str:
    """The first place of those named w0, w1, w2, … that is not ``taken``."""
    used = set(taken)
    return next(name for name in (f"w{number}" for number in range(len(used) + 1)) if name not in used)
