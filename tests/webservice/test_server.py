"""The service as it runs: a process of its own, over real HTTP."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.webservice.processes import GRANIAN, GUNICORN, SECONDS, SERVE, failure, free_port, serving, stop, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EACH = pytest.mark.parametrize(
    "command", [SERVE, GUNICORN, GRANIAN], ids=["python -m webservice", "gunicorn", "granian"]
)
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@EACH
def test_a_started_service_predicts_and_ends_well_when_asked(
    artifact_directory: Path, tumor: dict[str, Any], command: list[str]
) -> None:
    port = free_port()
    with serving(artifact_directory, port, command) as process:
        response = httpx.post(f"http://127.0.0.1:{port}/predict", json=tumor, timeout=SECONDS)
        assert (response.status_code, response.json()["prediction"]) == (200, "benign")
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=SECONDS).status_code == 200
        assert stop(process) == 0


@pytest.mark.parametrize(
    ("command", "stopping"), [(SERVE, "Handling signal: term"), (GRANIAN, "Shutting down")], ids=["gunicorn", "granian"]
)
def test_a_request_that_is_being_answered_when_the_service_stops_is_answered(
    artifact_directory: Path, tumor: dict[str, Any], command: list[str], stopping: str
) -> None:
    port = free_port()
    body = json.dumps(tumor).encode()
    head = HEAD + f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with (
        serving(artifact_directory, port, command) as process,
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection,
        connection.makefile("rb") as answer,
    ):
        connection.sendall(head)
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
        process.send_signal(signal.SIGTERM)
        wait_for(process, stopping)
        connection.sendall(body)
        assert b'"prediction":"benign"' in answer.read()
        assert process.wait(SECONDS) == 0


@pytest.fixture(scope="module", params=[SERVE, GRANIAN], ids=["gunicorn", "granian"])
def port(artifact_directory: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """Where a service is that reads at most 2048 bytes."""
    port = free_port()
    with serving(artifact_directory, port, request.param, ONCOLOGY_MAX_BODY_BYTES="2048"):
        yield port


def chunked(size: int) -> Iterator[bytes]:
    yield from (b" " * 1024 for _ in range(size // 1024))


@pytest.mark.parametrize("content", [b" " * 4096, list(chunked(4096))], ids=["of known length", "in chunks"])
def test_a_body_over_the_limit_is_refused(port: int, content: bytes | list[bytes]) -> None:
    headers = {"Content-Type": "application/json"}
    refusal = httpx.post(f"http://127.0.0.1:{port}/predict", content=content, headers=headers, timeout=SECONDS)
    assert refusal.status_code == 413
    assert refusal.headers["Content-Type"] == "application/problem+json"
    assert refusal.json()["detail"] == "The body is too large: at most 2048 bytes are read."


def test_broken_chunks_are_the_clients_fault(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("size", [65536, 97], ids=["at once", "in pieces"])
def test_requests_sent_without_waiting_are_answered_in_order(port: int, tumor: dict[str, Any], size: int) -> None:
    # All are read: at a body that nobody reads granian closes the connection. test_worker.py has such for gunicorn.
    bodies = [json.dumps(tumor | {"mitoses": grade}).encode() for grade in (1, 11)]
    of_length = [HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies]
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    in_chunks = [chunked % (len(body), body) for body in bodies]
    last = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    sent = b"".join((*of_length, *in_chunks, last))
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        for start in range(0, len(sent), size):
            connection.sendall(sent[start : start + size])
        answers = connection.makefile("rb").read()
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"422", b"200", b"422", b"200"]
    assert answers.count(b'"prediction":"benign"') == 2


def test_a_taken_port_is_said_in_one_line(artifact_directory: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, message = failure(artifact_directory, SERVE, PORT=str(port))
    assert status == 1
    assert message == (f"oncology: cannot listen on 127.0.0.1 port {port} (Address already in use): set another PORT\n")


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_here_is_said_in_one_line(artifact_directory: Path, host: str) -> None:
    status, message = failure(artifact_directory, SERVE, ONCOLOGY_HOST=host)
    assert status == 1
    assert message.startswith(f"oncology: cannot listen on {host} port ")
    assert message.count("\n") == 1


@EACH
def test_wrong_settings_are_said_in_one_line(artifact_directory: Path, command: list[str]) -> None:
    status, message = failure(artifact_directory, command, ONCOLOGY_THREDS="4")
    assert status == 2
    assert message == ("oncology: wrong settings: ONCOLOGY_THREDS is not a setting (did you mean ONCOLOGY_THREADS?)\n")


@EACH
def test_a_damaged_artifact_is_said_in_one_line(artifact_directory: Path, tmp_path: Path, command: list[str]) -> None:
    damaged = shutil.copytree(artifact_directory, tmp_path / "damaged")
    (damaged / "model.joblib").write_bytes(b"something else")
    status, message = failure(damaged, command)
    assert status == 3
    assert message.startswith(f"oncology: {damaged / 'model.joblib'} has the SHA-256 ")
    assert message.count("\n") == 1


def test_a_missing_artifact_is_said_in_one_line(tmp_path: Path) -> None:
    status, message = failure(tmp_path, SERVE)
    assert status == 3
    assert message.startswith(f"oncology: {tmp_path / 'manifest.json'} cannot be read ")
    assert message.count("\n") == 1


def test_help_tells_every_setting() -> None:
    told = subprocess.run([*SERVE, "--help"], capture_output=True, text=True, check=True).stdout
    assert "ONCOLOGY_MODEL_DIR " in told
    assert "PORT " in told
    assert "(default 1048576)" in told
