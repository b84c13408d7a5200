"""What gunicorn's worker does with what comes on a connection, over real HTTP: each request gets its own answer."""

from __future__ import annotations

import json
import re
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.webservice.processes import SECONDS, SERVE, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def port(artifact_directory: Path) -> Iterator[int]:
    port = free_port()
    with serving(artifact_directory, port, SERVE, ONCOLOGY_METRICS_PORT="0", ONCOLOGY_THREADS="2") as process:
        yield port
        assert process.poll() is None


@pytest.fixture
def requests(tumor: dict[str, Any]) -> bytes:
    """Five, of which the second and the fourth ask for what is not here, with a body that nobody reads."""
    body = json.dumps(tumor).encode()
    head = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    paths = b"/predict", b"/nowhere", b"/predict"
    probe = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    in_chunks = CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return b"".join(head % (path, len(body)) + body for path in paths) + in_chunks + probe


CHUNKED = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
STATUSES = [b"200", b"404", b"200", b"404", b"200"]


def connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def statuses(connection: socket.socket) -> list[bytes]:
    """Of all answers, once nothing more is sent."""
    connection.shutdown(socket.SHUT_WR)
    return re.findall(rb"HTTP/1.1 (\d+)", connection.makefile("rb").read())


def test_requests_sent_at_once_by_a_client_that_sends_no_more_are_answered(port: int, requests: bytes) -> None:
    for _ in range(20):
        with connected(port) as connection:
            connection.sendall(requests)
            assert statuses(connection) == STATUSES


def test_what_comes_while_a_request_is_answered_keeps_its_place(port: int, requests: bytes) -> None:
    for cut in range(1, len(requests), 7):
        with connected(port) as connection:
            connection.sendall(requests[:cut])
            connection.sendall(requests[cut:])
            assert statuses(connection) == STATUSES


def test_heads_without_end_are_refused_and_occupy_no_thread(port: int, tumor: dict[str, Any]) -> None:
    head = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 8000
    with ExitStack() as stack:
        connections = [stack.enter_context(connected(port)) for _ in range(4)]
        for connection in connections:
            connection.sendall(head)
        batch = httpx.post(f"http://127.0.0.1:{port}/predict/batch", json=[tumor], timeout=SECONDS)
        assert batch.status_code == 200
        assert all(connection.recv(100).startswith(b"HTTP/1.1 431 ") for connection in connections)


def test_a_request_whose_body_nobody_reads_has_one_answer_though_it_is_broken(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(
            b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdeXX"
        )
        assert statuses(connection) == [b"404"]


def test_very_many_chunks_occupy_no_thread_for_long(port: int) -> None:
    body = b"1\r\n \r\n" * 150_000 + b"0\r\n\r\n"
    with connected(port) as connection:
        connection.sendall(CHUNKED + body)
        assert statuses(connection) == [b"404"]


def test_chunks_that_are_together_too_large_are_refused_as_that(port: int) -> None:
    content = (b" " * 1000 for _ in range(5 * MEGABYTE // 1000))
    headers = {"Content-Type": "application/json"}
    refusal = httpx.post(f"http://127.0.0.1:{port}/predict/batch", content=content, headers=headers, timeout=SECONDS)
    assert refusal.status_code == 413
