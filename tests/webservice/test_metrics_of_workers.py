"""What Prometheus is told by a service of several processes, over real HTTP."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.webservice.processes import SECONDS, SERVE, failure, free_port, serving, stop
from webservice import shared

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

REQUESTS = 40


class Service:
    """A service of two workers."""

    def __init__(self, process: subprocess.Popen[str], port: int, metrics_port: int) -> None:
        self.process = process
        self.port = port
        self.metrics_port = metrics_port

    def predict(self, tumor: Any, times: int = REQUESTS) -> None:
        def post(_number: int) -> int:
            return httpx.post(f"http://127.0.0.1:{self.port}/predict", json=tumor, timeout=SECONDS).status_code

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(post, range(times))) == {200}

    def sample(self, name: str, **labels: str) -> float:
        text = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=SECONDS).text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())

    def wait_for(self, name: str, value: float, **labels: str) -> None:
        """A request is counted after its answer was sent."""
        wait_until(lambda: self.sample(name, **labels) == value)

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()


def wait_until(condition: Any) -> None:
    import time  # noqa: PLC0415

    limit = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < limit, "it did not come in time"
        time.sleep(0.05)


@pytest.fixture
def service(artifact_directory: Path) -> Iterator[Service]:
    port, metrics_port = free_port(), free_port()
    settings = {"ONCOLOGY_WORKERS": "2", "ONCOLOGY_METRICS_PORT": str(metrics_port)}
    with serving(artifact_directory, port, SERVE, **settings) as process:
        service = Service(process, port, metrics_port)
        wait_until(lambda: len(service.workers()) == 2)
        yield service
        stop(process)


def test_all_workers_are_counted_those_killed_too(service: Service, tumor: dict[str, Any]) -> None:
    service.predict(tumor)
    service.wait_for("oncology_requests_total", REQUESTS, route="/predict", status="200")
    assert service.sample("oncology_predictions_total") == REQUESTS
    assert service.sample("oncology_threads") == 8

    (killed, *_) = service.workers()
    killed.send_signal(signal.SIGKILL)
    wait_until(lambda: len(service.workers()) == 2 and killed not in service.workers())
    service.predict(tumor)
    service.wait_for("oncology_requests_total", 2 * REQUESTS, route="/predict", status="200")
    assert service.sample("oncology_request_seconds_count", route="/predict") == 2 * REQUESTS
    assert service.sample("oncology_feature_grade_total", feature="mitoses", grade="1") == 2 * REQUESTS
    service.wait_for("oncology_threads", 8)
    assert service.sample("oncology_requests_in_flight") == 0


def test_restarted_workers_leave_no_files_behind(service: Service) -> None:
    folder = shared_folder(service.port)
    before = {path.name for path in folder.iterdir()}
    for _ in range(3):
        (first, *_) = service.workers()
        first.send_signal(signal.SIGKILL)
        wait_until(lambda old=first: len(service.workers()) == 2 and old not in service.workers())
    service.wait_for("oncology_threads", 8)
    assert {path.name for path in folder.iterdir()} <= before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def shared_folder(port: int) -> Path:
    (folder,) = Path("/dev/shm").glob(f"oncology-{os.getuid()}-{port}")  # noqa: S108
    return folder


def test_what_a_former_service_counted_is_wiped_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shared.DIRECTORY, "")  # what is set now is undone afterwards
    folder = shared.prepare(1, [str(tmp_path)])
    (folder / "counter_7.db").write_bytes(b"of another life")
    assert shared.prepare(1, [str(tmp_path)]) == folder
    assert not (folder / "counter_7.db").exists()


def test_a_link_that_waits_at_the_folders_name_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shared.DIRECTORY, "")  # what is set now is undone afterwards
    trap, elsewhere = tmp_path / "trap", tmp_path / "elsewhere"
    trap.mkdir()
    elsewhere.mkdir()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (trap / f"oncology-{os.getuid()}-1").symlink_to(precious)
    assert shared.prepare(1, [str(trap), str(elsewhere)]).parent == elsewhere
    assert (precious / "file").exists()


def test_without_any_writable_place_there_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shared.DIRECTORY, "")  # what is set now is undone afterwards
    with pytest.raises(shared.NoPlaceError, match=r"no room for the metrics in .*: mount a memory disk"):
        shared.prepare(1, [str(tmp_path / "absent")])


def test_a_chosen_metrics_port_that_is_taken_is_said_in_one_line(artifact_directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, message = failure(artifact_directory, SERVE, ONCOLOGY_METRICS_PORT=str(port))
    assert status == 1
    assert message.endswith(f"port {port} (Address already in use): set another ONCOLOGY_METRICS_PORT\n")
    assert message.count("\n") == 1


def test_metrics_can_be_off(artifact_directory: Path, tumor: dict[str, Any]) -> None:
    port = free_port()
    folder = Path(f"/dev/shm/oncology-{os.getuid()}-{port}")  # noqa: S108
    shutil.rmtree(folder, ignore_errors=True)  # of a service that was killed
    with serving(artifact_directory, port, SERVE, ONCOLOGY_METRICS_PORT="0"):
        assert httpx.post(f"http://127.0.0.1:{port}/predict", json=tumor, timeout=SECONDS).status_code == 200
        assert not folder.exists()
