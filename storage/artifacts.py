"""Artifacts, by path or URL: what a reader gets is always one whole artifact, whenever a writer was interrupted."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from oncology_model import artifact
from oncology_model.artifact import MANIFEST_FILE, MODEL_FILE, NEXT_MODEL_FILE, Artifact, ArtifactError
from storage import archives
from storage.files import StorageError, create, is_url, open_filesystem, read, translated, write

if TYPE_CHECKING:
    from oncology_model.manifest import Manifest


def read_artifact(location: str) -> Artifact:
    """Read and verify an artifact, in a folder or a ``.tar.gz``; its ``directory`` is of use if this is a local folder.

    Raises:
        ArtifactError: there is none, or it must not be used.
        StorageError: it cannot be read.
    """
    if location.endswith(archives.SUFFIX):
        return archives.read(read(location), location)
    if not is_url(location):
        return artifact.read(Path(location))
    with TemporaryDirectory() as folder:
        read_first = _read_if_there(f"{location}/{MANIFEST_FILE}")
        for name, content in (
            (MANIFEST_FILE, read_first),
            (NEXT_MODEL_FILE, _read_if_there(f"{location}/{NEXT_MODEL_FILE}")),
            (MODEL_FILE, _read_if_there(f"{location}/{MODEL_FILE}")),
        ):
            if content is not None:
                (Path(folder) / name).write_bytes(content)
        try:
            return artifact.read(Path(folder))
        except ArtifactError as error:
            if _read_if_there(f"{location}/{MANIFEST_FILE}") != read_first:
                return read_artifact(location)  # it was replaced between one file and the other
            raise ArtifactError(str(error).replace(folder, location)) from error


def write_artifact(location: str, model: bytes, manifest: Manifest) -> str:
    """Write an artifact, in place of the one that may be there.

    Returns:
        The artifact's digest, the SHA-256 of ``manifest.json``.

    Raises:
        StorageError: it cannot be written.
    """
    if is_url(location):
        content = manifest.to_json().encode()
        _publish(location, model, content, overwrite=True)
        return artifact.sha256(content)
    with translated(location):
        return artifact.write(Path(location), model, manifest)


def upload_artifact(directory: Path, location: str) -> str:
    """Copy a verified artifact to a folder of its version in ``location``.

    Returns:
        The folder's URL.

    Raises:
        ArtifactError: it must not be used.
        StorageError: the version exists already, or it cannot be written.
    """
    found = artifact.read(directory)
    target = f"{location.rstrip('/')}/{found.manifest.model_version}"
    _publish(target, found.model, (directory / MANIFEST_FILE).read_bytes(), overwrite=False)
    return target


def _publish(location: str, model: bytes, manifest: bytes, *, overwrite: bool) -> None:
    # The steps of oncology_model.artifact.write: a reader takes the next model from the moment its manifest is there.
    _finish(location)
    if not overwrite and _read_if_there(f"{location}/{MANIFEST_FILE}") is not None:
        raise StorageError(f"{location}: this version exists already and is never overwritten: choose another version")
    write(f"{location}/{NEXT_MODEL_FILE}", model)
    (write if overwrite else create)(f"{location}/{MANIFEST_FILE}", manifest)
    write(f"{location}/{MODEL_FILE}", model)
    _remove(f"{location}/{NEXT_MODEL_FILE}")


def _finish(location: str) -> None:
    """Put an interrupted write's model where it belongs, before another takes its waiting place."""
    if _read_if_there(f"{location}/{NEXT_MODEL_FILE}") is None:
        return
    try:
        found = read_artifact(location)
    except ArtifactError:
        return
    write(f"{location}/{MODEL_FILE}", found.model)


def _read_if_there(location: str) -> bytes | None:
    try:
        return read(location)
    except StorageError as error:
        # A missing bucket is a FileNotFoundError too, and writing to it tells so.
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def _remove(location: str) -> None:
    with translated(location):
        filesystem, path = open_filesystem(location)
        filesystem.rm_file(path)
