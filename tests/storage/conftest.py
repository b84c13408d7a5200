"""A real S3 server with one bucket, for the tests of storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from s3fs import S3FileSystem

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Its URL, and the folder whose folders are its buckets."""
    folder = tmp_path_factory.mktemp("s3")
    with servers.s3(folder, tmp_path_factory.mktemp("log") / "s3.log") as url:
        yield url, folder


@pytest.fixture
def aws(s3_server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment in which AWS is that server; what it gives can change it."""
    for name, value in servers.aws_environment(s3_server[0]).items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()
    return monkeypatch


@pytest.fixture
def bucket(aws: pytest.MonkeyPatch, s3_server: tuple[str, Path], tmp_path: Path) -> str:  # noqa: ARG001
    """URL of an empty bucket."""
    name = f"bucket-{tmp_path.parent.name}-{tmp_path.name}".replace("_", "-").lower()[-60:].strip("-")
    (s3_server[1] / name).mkdir()
    return f"s3://{name}"
