"""``python -m webservice serve``: how Amazon SageMaker starts the service."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.webservice.processes import SECONDS, SERVE, environment, failure, free_port, stop
from webservice import sagemaker
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def adopted(model_dir: Path, **given: str) -> Settings:
    environment = dict(given)
    sagemaker.adopt(environment, model_dir)
    return Settings.from_environment(environment)


def test_it_listens_to_all_on_the_port_that_is_asked_for(tmp_path: Path) -> None:
    settings = adopted(tmp_path)
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104 - nothing is bound
    assert adopted(tmp_path, SAGEMAKER_BIND_TO_PORT="8085", PORT="9000").port == 8085


def test_what_is_in_the_model_folder_is_the_model(tmp_path: Path, artifact_directory: Path) -> None:
    assert adopted(artifact_directory).model_dir == artifact_directory
    assert adopted(tmp_path).model_dir is None
    assert adopted(tmp_path / "absent").model_dir is None


def test_what_the_operator_set_stays(tmp_path: Path, artifact_directory: Path) -> None:
    settings = adopted(artifact_directory, ONCOLOGY_MODEL_DIR=str(tmp_path), ONCOLOGY_DRAIN_SECONDS="1")
    assert (settings.model_dir, settings.drain_seconds) == (tmp_path, 1)


def test_it_is_gone_before_sagemaker_kills_it(tmp_path: Path) -> None:
    settings = adopted(tmp_path)
    assert settings.drain_seconds + settings.graceful_timeout < 30


@pytest.mark.parametrize(("payload", "mebibytes"), [("", 4), ("0", 4), ("6", 6)])
def test_a_transform_job_may_fill_its_requests_with_rows(tmp_path: Path, payload: str, mebibytes: int) -> None:
    settings = adopted(tmp_path, SAGEMAKER_BATCH="true", SAGEMAKER_MAX_PAYLOAD_IN_MB=payload)
    assert settings.max_batch_bytes == mebibytes * 1024 * 1024
    shortest_rows = "1,1,1,1,1,1,1,1,1\n" * settings.max_batch_rows
    assert 0 <= settings.max_batch_bytes - len(shortest_rows) < 18


def test_it_says_nothing_else_than_serve() -> None:
    finished = subprocess.run([*SERVE, "sreve"], capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "invalid choice: 'sreve' (choose from 'serve')" in finished.stderr


def ping(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_pings_are_answered_once_it_is_ready_and_it_ends_in_time(artifact_directory: Path, server: str) -> None:
    port = free_port()
    settings = environment(artifact_directory, port, ONCOLOGY_SERVER=server, ONCOLOGY_DRAIN_SECONDS="1")
    settings |= {"SAGEMAKER_BIND_TO_PORT": str(port), "ONCOLOGY_METRICS_PORT": "0"}
    with subprocess.Popen([*SERVE, "serve"], env=settings, stderr=subprocess.PIPE, text=True) as process:
        try:
            while (status := ping(port)) != 200:
                assert status in {0, 503}
                assert process.poll() is None
                time.sleep(0.02)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/models/oncology", timeout=SECONDS) as answer:
                assert b'"versions":["0.0.1"]' in answer.read()
            assert stop(process) == 0
        finally:
            process.kill()


def test_something_else_in_the_model_folder_stops_the_start_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "xgboost-model").write_text("of something else")
    status, said = failure(tmp_path, SERVE)
    assert status == 3
    (line,) = said.splitlines()
    assert "manifest.json cannot be read (No such file or directory): an artifact is expected there" in line
