"""Real servers, and the Makefile's verbs as a person calls them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
# The environment that these tests run in, and the model that `make test.aws` made first.
ASSUME_OLD = ("--assume-old=.venv/installed", "--assume-old=oncology_model/model/manifest.json")
BUCKETS = {f"{name.upper()}_BUCKET": f"acme-{name}" for name in ("data", "models", "metrics", "packages")}


def make(verb: str, environment: dict[str, str], *settings: str) -> subprocess.CompletedProcess[str]:
    """Run a verb in the environment that these tests run in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "TWINE_"))}
    return subprocess.run(
        ["make", *ASSUME_OLD, verb, *settings],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def s3_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("s3")
    for name in BUCKETS.values():
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
def s3(s3_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which AWS is a real S3 server with our buckets."""
    with servers.s3(s3_folder, tmp_path_factory.mktemp("log") / "s3.log") as url:
        yield servers.aws_environment(url) | BUCKETS


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which AWS is moto's server."""
    port = servers.free_port()
    command = [servers.BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with servers.serving(command, port, tmp_path_factory.mktemp("log") / "moto.log") as url:
        yield servers.aws_environment(url) | BUCKETS


@pytest.fixture(scope="module")
def aws(moto: dict[str, str]) -> Callable[..., dict]:
    """The real AWS command line, with moto; gives what it prints."""

    def run(*arguments: str) -> dict:
        command = ["aws", "--output", "json", *arguments]
        finished = subprocess.run(command, env=os.environ | moto, capture_output=True, text=True, check=True)
        return json.loads(finished.stdout or "{}")

    return run
