"""Starts real servers for tests on free ports, and stops them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "not-a-secret-of-anyone"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(
    command: list[str | Path], port: int, log: Path, env: dict[str, str] | None = None, host: str = "127.0.0.1"
) -> Iterator[str]:
    """Run a server until the block ends; gives its URL once it accepts connections."""
    with log.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output, env=env)
    try:
        deadline = time.monotonic() + 60
        while not _accepts(host, port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not serve:\n{log.read_text()}")
            time.sleep(0.05)
        yield f"http://{host}:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def s3(folder: Path, log: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """A real S3 server; the folders in ``folder`` are its buckets."""
    port = free_port()
    command = [BIN / "rclone", "serve", "s3", folder, "--addr", f"{host}:{port}", "--auth-key", f"{KEY},{SECRET}"]
    # Buckets that a test makes on disk are seen at once; at 0 s, rclone forgets and forgets, with a whole processor.
    with serving([*command, "--vfs-cache-mode", "off", "--dir-cache-time", "1ms"], port, log, host=host) as url:
        yield url


def aws_environment(url: str) -> dict[str, str]:
    """What the AWS libraries and command line need to talk to ``url`` and to nothing else."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": url,
    }
