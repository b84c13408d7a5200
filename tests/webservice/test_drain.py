"""How a real service process leaves."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.webservice.ports import listening
from webservice.documentation import EXAMPLE_BODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NO_END = 3600


class Server:
    """A service of two workers, in a process of its own."""

    def __init__(self, artifact: Path, server: str, drain_seconds: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        settings = {
            "PORT": str(self.port),
            "ONCOLOGY_MODEL_DIR": str(artifact),
            "ONCOLOGY_SERVER": server,
            "ONCOLOGY_WORKERS": "2",
            "ONCOLOGY_DRAIN_SECONDS": str(drain_seconds),
            # So that a worker that does not stop when asked is not killed in time to hide that.
            "ONCOLOGY_GRACEFUL_TIMEOUT": str(NO_END),
        }
        command = [sys.executable, "-m", "webservice"]
        # In a session of its own, since granian's workers outlive its main process when that is killed.
        self.process = subprocess.Popen(
            command, env=os.environ | settings, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self.wait_for("documentation at")
        listening(self.port)

    def wait_for(self, words: str) -> None:
        assert self.process.stderr
        assert any(words in line for line in self.process.stderr), f"it ended without {words!r}"

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(params=["gunicorn", "granian"])
def serve(artifact_directory: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[int], Server]]:
    servers: list[Server] = []

    def serve(drain_seconds: int) -> Server:
        servers.append(Server(artifact_directory, request.param, drain_seconds))
        return servers[-1]

    yield serve
    for server in servers:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.communicate()


def ready(connection: http.client.HTTPConnection) -> tuple[int, str | None]:
    """Status and Connection header of the readiness probe."""
    return _answer(connection, "GET", "/readyz")


def predict(connection: http.client.HTTPConnection) -> tuple[int, str | None]:
    return _answer(connection, "POST", "/predict", orjson.dumps(EXAMPLE_BODY))


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, str | None]:
    connection.request(method, path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status, response.getheader("Connection")


def test_told_to_stop_it_serves_on_but_as_not_ready_and_closing_connections(serve: Callable[[int], Server]) -> None:
    server = serve(NO_END)
    kept, fresh = server.connect(), server.connect()
    assert ready(kept)[0] == 200
    server.tell_to_stop()
    server.wait_for("Serving for another")
    assert ready(kept) == (503, "close")
    assert predict(fresh) == (200, "close")


def test_told_twice_it_stops_at_once(serve: Callable[[int], Server]) -> None:
    server = serve(NO_END)
    server.tell_to_stop()
    server.wait_for("Serving for another")
    server.tell_to_stop()
    assert server.process.wait(timeout=30) == 0


def test_after_the_drain_it_stops_by_itself(serve: Callable[[int], Server]) -> None:
    server = serve(1)
    server.tell_to_stop()
    server.wait_for("Serving for another 1 s")
    assert server.process.wait(timeout=30) == 0


def test_without_a_drain_it_stops_at_once(serve: Callable[[int], Server]) -> None:
    server = serve(0)
    server.tell_to_stop()
    assert server.process.wait(timeout=30) == 0


# Under granian a socket dies with its worker, and with it what waits there: a client may have to ask again.
@pytest.mark.parametrize("serve", ["gunicorn"], indirect=True)
def test_a_worker_that_dies_during_the_drain_is_replaced_by_one_that_drains(serve: Callable[[int], Server]) -> None:
    server = serve(NO_END)
    server.tell_to_stop()
    server.wait_for("Serving for another")
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)
    server.wait_for("Booting worker")
    assert ready(server.connect()) == (503, "close")
