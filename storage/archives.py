"""An artifact in a ``model.tar.gz``, as a training job of Amazon SageMaker leaves it."""

from __future__ import annotations

import io
import tarfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from oncology_model import artifact
from oncology_model.artifact import MANIFEST_FILE, MODEL_FILE, Artifact, ArtifactError

SUFFIX: Final = ".tar.gz"

# Hundreds of times an artifact; a small archive may unpack to a thousand times its size.
_MOST_BYTES: Final = 256 * 1024 * 1024


def read(content: bytes, location: str) -> Artifact:
    """Read and verify the artifact in an archive; its ``directory`` is of no use.

    Nothing is unpacked by the names in the archive: its two files are read, and any other refuses it.

    Raises:
        ArtifactError: this is no such archive, or the artifact must not be used.
    """
    with TemporaryDirectory() as folder:
        try:
            with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
                for name, member in _members(archive, location).items():
                    file = archive.extractfile(member)
                    (Path(folder) / name).write_bytes(file.read() if file else b"")
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise ArtifactError(f"{location} is no archive, or is damaged ({type(error).__name__})") from error
        try:
            return artifact.read(Path(folder))
        except ArtifactError as error:
            raise ArtifactError(str(error).replace(folder, location)) from error


def _members(archive: tarfile.TarFile, location: str) -> dict[str, tarfile.TarInfo]:
    found = {}
    for member in archive:
        name = member.name.removeprefix("./")
        if member.isdir() and name in {".", ""}:
            continue
        if not member.isfile() or name not in {MANIFEST_FILE, MODEL_FILE} or member.size > _MOST_BYTES:
            raise ArtifactError(f"{location} has something else in it than {MANIFEST_FILE} and {MODEL_FILE}")
        found[name] = member
    return found
