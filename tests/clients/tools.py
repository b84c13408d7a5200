"""Programs that clients are written in or made by."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SECONDS = 300


def run(command: list[str], directory: Path) -> str:
    """What a program prints; a test that needs one that is not here is skipped."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is missing")
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    ended = subprocess.run(
        command, cwd=directory, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
