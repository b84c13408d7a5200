"""Keys of a service that runs: processes of their own, over real HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.webservice.processes import GRANIAN, SECONDS, SERVE, failure, free_port, serving, wait_for
from tests.webservice.test_keys import KEY, OTHER_KEY, line

if TYPE_CHECKING:
    from pathlib import Path

EACH = pytest.mark.parametrize("command", [SERVE, GRANIAN], ids=["gunicorn", "granian"])


@EACH
def test_keys_change_while_two_workers_serve(
    artifact_directory: Path, tmp_path: Path, tumor: dict[str, Any], command: list[str]
) -> None:
    file = tmp_path / "keys"
    file.write_text(line("clinic-a", KEY))
    port = free_port()

    def statuses(key: str) -> set[int]:
        """Those of connections enough that both workers answer some."""
        url, headers = f"http://127.0.0.1:{port}/predict", {"X-API-Key": key}
        return {httpx.post(url, json=tumor, headers=headers, timeout=SECONDS).status_code for _ in range(20)}

    settings = {"ONCOLOGY_API_KEYS_FILE": str(file), "ONCOLOGY_WORKERS": "2", "ONCOLOGY_METRICS_PORT": "0"}
    with serving(artifact_directory, port, command, **settings):
        assert statuses(KEY) == {200}
        assert statuses(OTHER_KEY) == {401}
        new = tmp_path / "new"
        new.write_text(line("clinic-b", OTHER_KEY))
        new.rename(file)
        wait_until(lambda: statuses(OTHER_KEY) == {200})
        wait_until(lambda: statuses(KEY) == {401})


def wait_until(condition: Any) -> None:
    limit = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < limit, "it did not come in time"


@EACH
def test_a_service_without_keys_says_at_start_that_it_is_open(artifact_directory: Path, command: list[str]) -> None:
    port = free_port()
    with serving(artifact_directory, port, command, ONCOLOGY_METRICS_PORT="0") as process:
        wait_for(process, "Open to everybody who reaches this port")


@EACH
def test_a_wrong_file_of_keys_is_said_in_one_line(artifact_directory: Path, tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "keys"
    file.write_text("the-key-itself")
    status, message = failure(artifact_directory, command, ONCOLOGY_API_KEYS_FILE=str(file))
    assert status == 2
    assert message == f"oncology: wrong settings: line 1 of {file} is not name:sha256, as `make key` prints it\n"
