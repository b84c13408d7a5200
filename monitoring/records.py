"""Records: flat JSON lines, one file for each room and version, as QuickSight reads them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

import storage

MANIFEST_FILE: Final = "quicksight.json"


@dataclass(frozen=True, slots=True)
class Record:
    """One figure of one version."""

    room: str
    """``trainer`` or ``webservice``."""
    version: str
    commit: str
    recorded_at: str
    """UTC, such as ``2026-11-24T01:02:03Z``, so that the order of text is that of time."""
    kpi: str
    value: float


def append(history: str, records: list[Record]) -> str:
    """Write the records of one room and version, which must not be in the history yet.

    Args:
        history: folder, path or URL.
        records: at least one.

    Returns:
        Where they were written. The name ends in ``.json``, because QuickSight reads no other.

    Raises:
        storage.StorageError: the version is there already, or it cannot be written.
    """
    location = f"{history}/{records[0].room}/{records[0].version}.json"
    lines = (json.dumps(asdict(record)) + "\n" for record in records)
    storage.create(location, "".join(lines).encode())
    return location


def read(history: str, *rooms: str) -> list[Record]:
    """All records of these rooms, in order of time.

    Raises:
        storage.StorageError: they cannot be read.
    """
    locations = [location for room in rooms for location in storage.find(f"{history}/{room}")]
    lines = (line for location in locations for line in storage.read(location).splitlines())
    return sorted((Record(**json.loads(line)) for line in lines), key=lambda record: record.recorded_at)


def write_manifest(bucket: str, rooms: list[str]) -> None:
    """Write the file that tells QuickSight where the records are.

    Args:
        bucket: its URL.
        rooms: the folders that hold records.

    Raises:
        storage.StorageError: it cannot be written.
    """
    manifest = {
        "fileLocations": [{"URIPrefixes": [f"{bucket}/{room}/" for room in rooms]}],
        "globalUploadSettings": {"format": "JSON"},
    }
    storage.write(f"{bucket}/{MANIFEST_FILE}", json.dumps(manifest, indent=2).encode())
