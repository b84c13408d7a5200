"""Artifacts in a ``model.tar.gz``."""

from __future__ import annotations

import io
import tarfile

import pytest

from oncology_model.artifact import ArtifactError, sha256
from storage.__main__ import main
from storage.archives import read


def archive(files, kind=tarfile.REGTYPE):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, "/etc/passwd"
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def files(artifact_directory):
    return {name: (artifact_directory / name).read_bytes() for name in ("manifest.json", "model.joblib")}


@pytest.mark.parametrize("prefix", ["", "./"])
def test_the_artifact_in_an_archive_is_read_and_verified(files, prefix):
    found = read(archive({prefix + name: content for name, content in files.items()}), "model.tar.gz")
    assert (found.digest, found.model) == (sha256(files["manifest.json"]), files["model.joblib"])


def test_the_command_brings_it_here(files, tmp_path):
    (tmp_path / "model.tar.gz").write_bytes(archive(files))
    assert main(["get-model", str(tmp_path / "model.tar.gz"), str(tmp_path / "here")]) == 0
    assert (tmp_path / "here" / "model.joblib").read_bytes() == files["model.joblib"]


@pytest.mark.parametrize("name", ["../manifest.json", "/manifest.json", "code/inference.py", "xgboost-model"])
def test_an_archive_of_something_else_or_that_climbs_out_is_refused(files, name):
    with pytest.raises(ArtifactError, match=r"model.tar.gz has something else in it than manifest.json and model.job"):
        read(archive(files | {name: b"{}"}), "model.tar.gz")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_what_is_no_plain_file_is_refused(files, kind):
    with pytest.raises(ArtifactError, match="something else"):
        read(archive(dict.fromkeys(files, b""), kind), "model.tar.gz")


def test_another_format_version_is_refused(files):
    other = files | {"manifest.json": files["manifest.json"].replace(b'"format_version": 1', b'"format_version": 9')}
    with pytest.raises(ArtifactError, match=r"model.tar.gz/manifest.json has the format version 9"):
        read(archive(other), "model.tar.gz")


@pytest.mark.parametrize("content", [b"", b"of something else", b"\x1f\x8b"])
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(ArtifactError, match="is no archive, or is damaged"):
        read(content, "model.tar.gz")


def test_an_archive_that_was_cut_short_is_refused(files):
    with pytest.raises(ArtifactError):
        read(archive(files)[:-200], "model.tar.gz")
