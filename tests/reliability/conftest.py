"""A service as it runs by default, and what it can do on this machine now."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil
import pytest

from benchmarks.load import saturate
from tests.webservice.processes import SERVE, free_port, serving
from webservice.documentation import EXAMPLE_BODY

BODY = orjson.dumps(EXAMPLE_BODY)
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
PREDICT = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY

# Without its log of requests, which would be all that one sees of a test.
QUIETLY = ["sh", "-c", f"exec {shlex.join(SERVE)} >/dev/null"]


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def capacity(self, body: Path, seconds: int = 5) -> float:
        """Requests a second, on 16 kept connections."""
        return saturate(f"{self.url}/predict", body, seconds).requests_per_second


@contextlib.contextmanager
def running(artifact: Path, command: list[str] = QUIETLY, **further: str) -> Iterator[Running]:
    port = free_port()
    settings = {"ONCOLOGY_WORKERS": "1", "ONCOLOGY_METRICS_PORT": str(free_port())} | further
    with serving(artifact, port, command, **settings) as process:
        yield Running(process, port)


@pytest.fixture
def service(artifact_directory: Path) -> Iterator[Running]:
    """A service of one worker: as much as half of this machine can load it with."""
    with running(artifact_directory) as service:
        yield service


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "tumor.json"
    path.write_bytes(BODY)
    return path


def soak_seconds() -> int:
    return int(os.environ.get("SOAK_SECONDS") or 120)
