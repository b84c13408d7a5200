"""The service as a process of its own, for tests over real HTTP."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.webservice.ports import listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVE = [sys.executable, "-m", "webservice"]
GRANIAN = ["env", "ONCOLOGY_SERVER=granian", *SERVE]
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "python:webservice.gunicorn_conf"]
SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(artifact: Path, port: int, **settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONCOLOGY_")}
    return inherited | {"ONCOLOGY_MODEL_DIR": str(artifact), "PORT": str(port), "ONCOLOGY_WORKERS": "1"} | settings


@contextlib.contextmanager
def serving(artifact: Path, port: int, command: list[str], **settings: str) -> Iterator[subprocess.Popen[str]]:
    """The service, from the moment at which it says where it is."""
    with subprocess.Popen(
        command,
        env=environment(artifact, port, **settings),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            wait_for(process, f"documentation at http://127.0.0.1:{port}/docs")
            listening(port)
            yield process
        finally:
            # Its workers too: granian's outlive its main process when that is killed.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr
    assert any(text in line for line in iter(process.stderr.readline, "")), f"the service ended without {text!r}"


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(SECONDS)


def failure(artifact: Path, command: list[str], **settings: str) -> tuple[int, str]:
    """The exit status and what was said by a service that must not start."""
    ended = subprocess.run(
        command,
        env=environment(artifact, free_port(), **settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr
