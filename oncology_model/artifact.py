"""The artifact: a folder with ``model.joblib`` and ``manifest.json``, written whole and checked before use."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from oncology_model.manifest import FORMAT_VERSION, Manifest
from oncology_model.whole_file import replace_file

if TYPE_CHECKING:
    from pathlib import Path

MODEL_FILE: Final = "model.joblib"
MANIFEST_FILE: Final = "manifest.json"
# Where the estimator waits while its manifest is moved into place; see write().
NEXT_MODEL_FILE: Final = "model.joblib.next"


class ArtifactError(Exception):
    """An artifact that must not be used: the message says what was found, what was expected, and what to do."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified artifact."""

    directory: Path
    manifest: Manifest
    digest: str
    """SHA-256 of ``manifest.json``, which ``ONCOLOGY_MODEL_DIGEST`` may ask for."""
    model: bytes
    """The content of ``model.joblib``, whose digest is the manifest's."""


def expected_digest() -> str | None:
    """The digest that ``ONCOLOGY_MODEL_DIGEST`` asks for, if it asks for one."""
    return os.environ.get("ONCOLOGY_MODEL_DIGEST") or None


def sha256(content: bytes) -> str:
    """The SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write(directory: Path, model: bytes, manifest: Manifest) -> str:
    """Write an artifact, in place of the one that may be there.

    Moving the manifest is the moment at which the new artifact takes the place of the old one: interrupted at any
    time, even by SIGKILL, this leaves the one or the other for :func:`read`.

    Returns:
        The artifact's digest, the SHA-256 of ``manifest.json``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    content = manifest.to_json().encode()
    with contextlib.suppress(ArtifactError):
        read(directory)  # finishes an interrupted write
    replace_file(directory / NEXT_MODEL_FILE, model)
    replace_file(directory / MANIFEST_FILE, content)
    with contextlib.suppress(FileNotFoundError):  # a reader may have moved it already
        (directory / NEXT_MODEL_FILE).replace(directory / MODEL_FILE)
    return sha256(content)


def read(directory: Path, digest: str | None = None) -> Artifact:
    """Read and verify an artifact, without building anything from it.

    Args:
        directory: the artifact's folder.
        digest: the SHA-256 that ``manifest.json`` must have; None trusts the folder.

    Raises:
        ArtifactError: something is missing, damaged, swapped, or of another format.
    """
    manifest_path = directory / MANIFEST_FILE
    content = _read_file(manifest_path)
    found = sha256(content)
    if digest is not None and found != digest.lower():
        raise ArtifactError(
            f"{manifest_path} has the SHA-256 {found} and ONCOLOGY_MODEL_DIGEST expects {digest}: "
            "deploy the artifact that was meant, or set the digest of this one if you trust it"
        )
    manifest = _parse(manifest_path, content)
    return Artifact(directory, manifest, found, _read_model(directory, manifest))


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be read ({error.strerror}): an artifact is expected there; `make train` writes one"
        ) from error


def _parse(path: Path, content: bytes) -> Manifest:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise ArtifactError(f"{path} is not JSON ({error}): it is damaged; write the artifact again") from error
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        raise ArtifactError(
            f"{path} has the format version {version!r} and this is the reader of version {FORMAT_VERSION}: "
            "train again, or install the oncology-model that wrote it"
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ArtifactError(
            f"{path} is not a valid manifest ({place}: {first['msg']}): it is damaged; write the artifact again"
        ) from error


def _read_model(directory: Path, manifest: Manifest) -> bytes:
    path = directory / MODEL_FILE
    following = directory / NEXT_MODEL_FILE
    with contextlib.suppress(OSError):
        if sha256(content := following.read_bytes()) == manifest.model_sha256:
            # A write was interrupted after its manifest was moved into place; finish it, where that is allowed.
            with contextlib.suppress(OSError):
                following.replace(path)
            return content
    content = _read_file(path)
    found = sha256(content)
    if found != manifest.model_sha256:
        raise ArtifactError(
            f"{path} has the SHA-256 {found} and {MANIFEST_FILE} expects {manifest.model_sha256}: "
            "the two files do not belong together; write the artifact again"
        )
    return content
