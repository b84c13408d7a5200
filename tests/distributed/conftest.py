"""A real Dask cluster: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


class Cluster:
    """A scheduler, and workers that come and go."""

    def __init__(self, folder: Path, stack: ExitStack, **environment: str) -> None:
        self._folder = folder
        self._stack = stack
        self.workers: list[subprocess.Popen[bytes]] = []
        port = servers.free_port()
        command = [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-dashboard",
        ]
        stack.enter_context(servers.serving(command, port, folder / "scheduler.log", ENVIRONMENT | environment))
        self.address = f"tcp://127.0.0.1:{port}"

    def add_worker(self, **environment: str) -> None:
        log = self._folder / f"worker-{len(self.workers)}.log"
        # Without a nanny, which would start another one where one is killed.
        command = [servers.BIN / "dask", "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        command += ["--local-directory", str(self._folder)]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=ENVIRONMENT | environment)
        self._stack.callback(process.wait, 30)
        self._stack.callback(process.kill)
        self.workers.append(process)
        wait_until(lambda: "Registered to" in log.read_text(), log)


def wait_until(condition, what: object) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited too long: {what}")
        time.sleep(0.01)


@contextmanager
def started(folder: Path, workers: int, **environment: str) -> Iterator[Cluster]:
    with ExitStack() as stack:
        cluster = Cluster(folder, stack, **environment)
        for _ in range(workers):
            cluster.add_worker()
        yield cluster


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers."""
    with started(tmp_path_factory.mktemp("cluster"), 2) as cluster:
        yield cluster


def python(*arguments: object) -> subprocess.Popen[str]:
    """Starts a module as a user does."""
    command = [sys.executable, "-m", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT, env=ENVIRONMENT)
