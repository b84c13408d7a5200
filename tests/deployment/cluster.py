"""The cluster of KUBECONFIG, and the Makefile's verbs on it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
TOOL: Final = os.environ.get("CONTAINER_TOOL", "docker")
TRAINER: Final = "oncology-trainer"
# Another at each run: nodes keep the images that they have, and a version is what its tag says.
VERSION: Final = f"cluster-{time.time():.0f}"
# Seconds after which a version that is not ready is given up.
PATIENCE: Final = 30


def make(*arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
    """What a user runs, without a terminal unless ``stdin`` is one; the tools' settings are in the environment."""
    command = ["make", "NAMESPACE=default", "OVERLAY=local", f"DEPLOY_TIMEOUT={PATIENCE}", *arguments]
    return subprocess.run(command, cwd=ROOT, stdin=stdin, capture_output=True, text=True, check=False)


def made(*arguments: str) -> str:
    """What ``make`` says where it must succeed."""
    result = make(*arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def kubectl(*arguments: str, namespace: str = "default") -> str:
    command = ["kubectl", "--namespace", namespace, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def get(*arguments: str, namespace: str = "default") -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(kubectl("get", "--output=json", *arguments, namespace=namespace))
    return answer


def named(overlay: Path) -> str:
    """What ``make`` is told to use an overlay that is not in ``k8s/overlays``."""
    return f"OVERLAY={os.path.relpath(overlay, ROOT / 'k8s' / 'overlays')}"
