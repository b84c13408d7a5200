"""Artifacts in a bucket: whole or absent, whenever a writer is killed."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

import storage
from oncology_model import artifact
from oncology_model.artifact import ArtifactError
from storage import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from oncology_model.artifact import Artifact


@pytest.fixture
def old(artifact_directory: Path) -> Artifact:
    return artifact.read(artifact_directory)


@pytest.fixture
def new(forest_artifact_directory: Path) -> Artifact:
    return artifact.read(forest_artifact_directory)


def test_an_artifact_is_read_as_it_was_written(bucket: str, old: Artifact) -> None:
    assert storage.write_artifact(f"{bucket}/model", old.model, old.manifest) == old.digest
    found = storage.read_artifact(f"{bucket}/model")
    assert (found.digest, found.model) == (old.digest, old.model)
    assert storage.find(bucket) == [f"{bucket}/model/manifest.json", f"{bucket}/model/model.joblib"]


def test_a_folder_gets_the_same_bytes_as_a_bucket(bucket: str, old: Artifact, tmp_path: Path) -> None:
    for place in (bucket, str(tmp_path)):
        storage.write_artifact(place, old.model, old.manifest)
        assert storage.read(f"{place}/manifest.json") == old.manifest.to_json().encode()
        assert storage.read_artifact(place).digest == old.digest


def test_an_upload_goes_to_a_folder_of_its_version_and_is_never_overwritten(
    bucket: str, artifact_directory: Path, forest_artifact_directory: Path, old: Artifact
) -> None:
    assert storage.upload_artifact(artifact_directory, f"{bucket}/models") == f"{bucket}/models/0.0.1"
    with pytest.raises(StorageError, match=r"/models/0\.0\.1: this version exists already and is never overwritten"):
        storage.upload_artifact(forest_artifact_directory, f"{bucket}/models")
    assert storage.read_artifact(f"{bucket}/models/0.0.1").digest == old.digest


def test_a_model_without_manifest_is_no_artifact(bucket: str, old: Artifact) -> None:
    storage.write(f"{bucket}/model.joblib", old.model)
    with pytest.raises(ArtifactError, match=rf"^{bucket}/manifest.json cannot be read .*: an artifact is expected"):
        storage.read_artifact(bucket)


def test_a_swapped_model_is_refused(bucket: str, old: Artifact, new: Artifact) -> None:
    storage.write_artifact(bucket, old.model, old.manifest)
    storage.write(f"{bucket}/model.joblib", new.model)
    with pytest.raises(ArtifactError, match=rf"^{bucket}/model.joblib has the SHA-256 .* do not belong together"):
        storage.read_artifact(bucket)


@pytest.mark.aws
def test_an_interrupted_upload_is_finished_before_another_begins(
    bucket: str, s3_server: tuple[str, Path], old: Artifact, new: Artifact
) -> None:
    storage.write(f"{bucket}/model.joblib.next", old.model)
    storage.write(f"{bucket}/manifest.json", old.manifest.to_json().encode())
    assert storage.read_artifact(bucket).digest == old.digest
    _write_and_be_killed(bucket, new, s3_server[0], after=len(old.model) + len(new.model) // 2)
    assert storage.read_artifact(bucket).digest == old.digest


@pytest.mark.aws
@pytest.mark.parametrize(("share", "left"), [(0.05, "old"), (0.2, "old"), (0.45, ""), (0.6, ""), (0.9, "new")])
def test_a_writer_that_is_killed_leaves_the_old_artifact_or_the_new_one(
    bucket: str, s3_server: tuple[str, Path], old: Artifact, new: Artifact, *, share: float, left: str
) -> None:
    storage.write_artifact(bucket, old.model, old.manifest)
    total = 2 * len(new.model) + len(new.manifest.to_json().encode())
    _write_and_be_killed(bucket, new, s3_server[0], after=int(share * total))
    possible = {"old": [old.digest], "new": [new.digest]}.get(left, [old.digest, new.digest])
    assert storage.read_artifact(bucket).digest in possible
    storage.write_artifact(bucket, new.model, new.manifest)
    assert storage.read_artifact(bucket).digest == new.digest


def _write_and_be_killed(bucket: str, new: Artifact, server: str, *, after: int) -> None:
    """Write ``new`` through a proxy in a process that is killed once it has sent so many bytes."""
    script = (
        "import sys, pathlib, storage; from oncology_model import artifact; "
        "new = artifact.read(pathlib.Path(sys.argv[2])); storage.write_artifact(sys.argv[1], new.model, new.manifest)"
    )
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        writer = subprocess.Popen(
            [sys.executable, "-c", script, bucket, new.directory],
            env=os.environ | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.getsockname()[1]}"},
        )
        _forward(proxy, urlsplit(server).port, writer, after)
        assert writer.wait(30) == -signal.SIGKILL


def _forward(proxy: socket.socket, port: int | None, writer: subprocess.Popen[bytes], left: int) -> None:
    """Pass bytes on to the server and back, one connection at a time, and kill the writer when no more are left."""
    proxy.settimeout(30)
    while True:
        here, there = proxy.accept()[0], socket.create_connection(("127.0.0.1", port))
        with here, there:
            while ready := select.select([here, there], [], [], 30)[0]:
                if there in ready:
                    if not (answer := there.recv(65536)):
                        break
                    here.sendall(answer)
                elif content := here.recv(65536):
                    there.sendall(content[:left])
                    left -= len(content)
                    if left < 0:
                        writer.kill()
                        return
                else:
                    break
