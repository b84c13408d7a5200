"""What servers refuse before the service sees it, over real HTTP."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.webservice.processes import GRANIAN, SECONDS, SERVE, free_port, serving, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVERS = {"gunicorn": SERVE, "granian": GRANIAN}
EACH = pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS.keys())


@pytest.fixture(scope="module", params=SERVERS.values(), ids=SERVERS.keys())
def port(artifact_directory: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    port = free_port()
    with serving(artifact_directory, port, request.param, ONCOLOGY_METRICS_PORT="0"):
        yield port


def answer(port: int, request: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(request)
        return connection.recv(65536).decode("latin-1")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /livez?%b HTTP/1.1\r\nHost: a\r\n\r\n" % (b"x" * 200_000),
        b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Long: %b\r\n\r\n" % (b"x" * 200_000),
        b"GET /livez HTTP/1.1\r\nHost: a\r\n%b\r\n" % b"".join(b"X-%d: 1\r\n" % number for number in range(200)),
    ],
    ids=["a long address", "a long header", "many headers"],
)
def test_a_head_over_the_limits_is_refused(port: int, request_: bytes) -> None:
    status = answer(port, request_).split(" ")[1]
    assert status in {"414", "431"}
    assert httpx.get(f"http://127.0.0.1:{port}/livez", timeout=SECONDS).status_code == 200


def test_a_head_within_the_limits_is_not(port: int) -> None:
    headers = {f"X-{number}": "x" * 100 for number in range(40)} | {"X-API-Key": "x" * 4000}
    address = f"http://127.0.0.1:{port}/livez?{'x' * 3000}"
    assert httpx.get(address, headers=headers, timeout=SECONDS).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/no/such/thing"])
def test_no_answer_tells_a_version_of_what_serves(port: int, path: str) -> None:
    response = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=SECONDS)
    server = response.headers.get("Server", "")
    assert not any(character.isdigit() for character in server)
    assert "X-Powered-By" not in response.headers


@pytest.mark.parametrize("forwarded", [{"X-Forwarded-Proto": "https"}, {"X-Forwarded-Ssl": "on"}])
def test_without_proxies_a_client_on_this_machine_is_not_believed_either(port: int, forwarded: dict[str, str]) -> None:
    response = httpx.get(f"http://127.0.0.1:{port}/livez", headers=forwarded, timeout=SECONDS)
    assert "Strict-Transport-Security" not in response.headers


NO_HTTP = [
    b"GET /predict?mitoses=secret HTTP/9.9\r\nHost: a\r\n\r\n",
    b"GET /predict?mitoses=secret  HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: a\r\nX-API-Key secret\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: a\r\nX-API-Key: \x00secret\r\n\r\n",
    b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: secret\r\n\r\n",
    b"SECRET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
]


@EACH
def test_what_is_no_http_is_logged_without_what_was_sent(
    artifact_directory: Path, command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with serving(artifact_directory, port, command, ONCOLOGY_METRICS_PORT="0") as process:
        for request in NO_HTTP:
            assert answer(port, request).startswith(("HTTP/1.1 4", "HTTP/1.1 5", "HTTP/1.0 4")), request
        # The line is written after the answer, and a server that is told to stop does not wait for that.
        logged, deadline = "", time.monotonic() + SECONDS
        while '"status":405' not in logged and time.monotonic() < deadline:
            logged += capfd.readouterr().out
            time.sleep(0.05)
        stop(process)
        assert process.stderr
        logged += process.stderr.read() + capfd.readouterr().out
    assert '"status":405' in logged
    assert "secret" not in logged.lower()
