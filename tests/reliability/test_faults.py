"""What a service does whose disk is full, read-only or not there, and whose clock jumps.

``make test.reliability``. Disks are those of the service alone: it has file systems that no other process sees.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.reliability.conftest import Running, running
from tests.webservice.processes import SECONDS, SERVE, failure, free_port
from webservice.documentation import EXAMPLE_BODY

pytestmark = pytest.mark.reliability
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may mount file systems")

READ_ONLY_ROOT = "mount -o remount,bind,ro /"
NO_MEMORY_DISK = "mount -t tmpfs tmpfs /media && cp -a /dev/null /dev/urandom /media && mount --bind /media /dev"


def where(*mounts: str, log: str = "/dev/null") -> list[str]:
    """The command of a service for which these mounts were made first."""
    return ["unshare", "--mount", "sh", "-c", " && ".join([*mounts, f"exec {shlex.join(SERVE)} >{log}"])]


def predict(service: Running) -> dict[str, Any]:
    answer = httpx.post(f"{service.url}/predict", json=EXAMPLE_BODY, timeout=SECONDS)
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def replace_its_worker(service: Running) -> None:
    (killed,) = service.workers()
    killed.send_signal(signal.SIGKILL)
    killed.wait(SECONDS)
    assert httpx.get(f"{service.url}/readyz", timeout=SECONDS).status_code == 200


def counted(metrics_port: int, name: str) -> float:
    text = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", timeout=SECONDS).text
    return sum(map(float, re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)))


@as_root
def test_on_a_disk_that_is_full_it_answers_and_counts_as_before_and_replaces_its_workers(
    artifact_directory: Path,
) -> None:
    metrics_port = free_port()
    small = where("mount -t tmpfs -o size=4m tmpfs /dev/shm", log="/dev/shm/log")  # noqa: S108 - seen by it alone
    with running(artifact_directory, small, ONCOLOGY_METRICS_PORT=str(metrics_port)) as service:
        answer = predict(service)
        with (
            contextlib.suppress(OSError),
            Path(f"/proc/{service.process.pid}/root/dev/shm/filling").open("wb", buffering=0) as file,
        ):
            while file.write(bytes(4096)):
                pass
        # What is left of the log's last page holds a few lines more.
        assert [predict(service) for _ in range(50)] == [answer] * 50
        replace_its_worker(service)
        assert predict(service) == answer
        assert counted(metrics_port, "oncology_predictions_total") == 52
        assert counted(metrics_port, "oncology_log_lines_lost_total") > 0


@as_root
@pytest.mark.parametrize(
    "mounts",
    [
        [READ_ONLY_ROOT],
        [NO_MEMORY_DISK],
        ["mount -t tmpfs tmpfs /tmp", NO_MEMORY_DISK, READ_ONLY_ROOT],
    ],
    ids=["all but /dev/shm read-only", "no /dev/shm", "all but /tmp read-only"],
)
def test_one_folder_that_is_writable_is_enough(artifact_directory: Path, mounts: list[str]) -> None:
    # Where it is may become a disk of the service's own, or read-only.
    copied = ["mount -t tmpfs tmpfs /mnt", f"cp -r {artifact_directory} /mnt/artifact"]
    metrics_port = free_port()
    with running(Path("/mnt/artifact"), where(*copied, *mounts), ONCOLOGY_METRICS_PORT=str(metrics_port)) as service:
        answer = predict(service)
        replace_its_worker(service)
        assert predict(service) == answer
        assert counted(metrics_port, "oncology_predictions_total") == 2


@as_root
def test_where_nothing_is_writable_it_says_in_one_line_what_to_mount(artifact_directory: Path) -> None:
    status, message = failure(artifact_directory, where(NO_MEMORY_DISK, READ_ONLY_ROOT))
    assert status == 1
    assert message.startswith("oncology: no room for the metrics in /dev/shm")
    assert message.endswith(": mount a memory disk at one of them\n")
    assert message.count("\n") == 1


@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler (Debian: gcc)")
def test_a_clock_that_jumps_changes_no_answer_and_ends_no_worker(artifact_directory: Path, tmp_path: Path) -> None:
    library, clock, log = tmp_path / "clock.so", tmp_path / "clock", tmp_path / "log"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("clock.c")], check=True)
    faked = ["env", f"LD_PRELOAD={library}", f"CLOCK_AHEAD={clock}"]
    with running(artifact_directory, [*faked, "sh", "-c", f"exec {shlex.join(SERVE)} >{log}"]) as service:
        answer, workers = predict(service), service.workers()
        for days in (400, -400, 0):
            clock.write_text(str(days * 24 * 60 * 60))
            # For longer than gunicorn's main process takes to look whether its workers live.
            for _ in range(30):
                assert predict(service) == answer
                time.sleep(0.1)
            told = datetime.fromisoformat(orjson.loads(log.read_bytes().splitlines()[-1])["time"])
            assert abs(told - datetime.now(UTC) - timedelta(days=days)) < timedelta(days=1), "the clock did not jump"
        assert service.workers() == workers
