"""What the log says of a request, and what it never says."""

from __future__ import annotations

import errno
import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from webservice import logs
from webservice.api import METRICS
from webservice.documentation import EXAMPLE_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The lines written."""
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(logs, "write_line", written.append)
    return written


def test_a_request_is_one_line(client: FlaskClient, lines: list[dict[str, Any]]) -> None:
    client.post("/predict?explain=true", json=EXAMPLE_BODY, buffered=True)
    [line] = lines
    assert line.keys() == {"time", "level", "request_id", "method", "route", "status", "seconds"}
    assert line["level"] == "info"
    assert (line["method"], line["route"], line["status"]) == ("POST", "/predict", 200)
    assert 0 < line["seconds"] < 60
    assert datetime.now(UTC) - line["time"] < timedelta(minutes=1)


def test_a_line_is_written_whole_as_json(capfd: pytest.CaptureFixture[str], client: FlaskClient) -> None:
    client.get("/livez", buffered=True)
    [line] = capfd.readouterr().out.splitlines()
    assert orjson.loads(line)["route"] == "/livez"


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.post("/predict", json=EXAMPLE_BODY | {"mitoses": 7777}, buffered=True),
        lambda client: client.post("/predict", data=b'{"mitoses": 7777', headers={"Content-Type": "application/json"}),
        lambda client: client.get("/predict/7777?mitoses=7777&x=7777", buffered=True),
        lambda client: client.post("/?mitoses=7777", data=EXAMPLE_BODY | {"mitoses": 7777, "key": 7777}, buffered=True),
        lambda client: client.get("/livez", headers={"X-API-Key": "7777", "Authorization": "Bearer 7777"}),
        lambda client: client.get("/livez", headers={"Cookie": "x=7777", "User-Agent": "7777", "Referer": "7777"}),
    ],
    ids=["a measurement", "a broken body", "an address", "a form", "a key", "other headers"],
)
def test_nothing_that_a_client_sends_is_logged(
    capfd: pytest.CaptureFixture[str], client: FlaskClient, send: Callable[[FlaskClient], Any]
) -> None:
    send(client).close()
    logged = capfd.readouterr()
    assert logged.out
    assert "7777" not in logged.out + logged.err


def test_a_sane_request_id_is_kept_and_returned(client: FlaskClient, lines: list[dict[str, Any]]) -> None:
    response = client.get("/livez", headers={"X-Request-ID": "lab-7/2026.11:a=b+c@d"}, buffered=True)
    assert response.headers["X-Request-ID"] == lines[0]["request_id"] == "lab-7/2026.11:a=b+c@d"


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", 'a"b', "<script>", "ä"])
def test_any_other_request_id_is_replaced(client: FlaskClient, lines: list[dict[str, Any]], given: str) -> None:
    returned = client.get("/livez", headers={"X-Request-ID": given}, buffered=True).headers["X-Request-ID"]
    assert returned == lines[0]["request_id"] != given
    assert len(returned) == 32


def test_no_two_requests_get_the_same_id(client: FlaskClient) -> None:
    assert len({client.get("/livez", buffered=True).headers["X-Request-ID"] for _ in range(50)}) == 50


@pytest.mark.parametrize("traceparent", [f"00-{TRACE}-{PARENT}-01", f"cc-{TRACE}-{PARENT}-00-what-comes-later"])
def test_the_callers_trace_is_continued(client: FlaskClient, lines: list[dict[str, Any]], traceparent: str) -> None:
    client.get("/livez", headers={"traceparent": traceparent}, buffered=True)
    assert lines[0]["trace_id"] == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE.upper()}-{PARENT}-01",
        "hello",
    ],
)
def test_an_invalid_trace_is_ignored(client: FlaskClient, lines: list[dict[str, Any]], traceparent: str) -> None:
    client.get("/livez", headers={"traceparent": traceparent}, buffered=True)
    assert "trace_id" not in lines[0]


def test_a_log_that_cannot_be_written_fails_no_request_and_is_counted(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _line: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def lost() -> float:
        return app.extensions[METRICS].registry.get_sample_value("oncology_log_lines_lost_total")

    before = lost()
    monkeypatch.setattr(logs.os, "write", full)
    assert client.get("/livez", buffered=True).status_code == 200
    assert lost() == before + 1


def test_an_error_of_ours_is_logged_by_kind_and_place_without_its_text() -> None:
    try:
        int("77" + "77x")
    except ValueError:
        record = logging.LogRecord("gunicorn.error", logging.ERROR, __file__, 1, "it %s", ("broke",), sys.exc_info())
    line = orjson.loads(logs.JsonFormatter().format(record))
    assert (line["level"], line["message"], line["error"]) == ("error", "it broke", "ValueError")
    assert "test_logs.py" in line["where"]
    assert "7777" not in str(line)


def test_people_at_a_terminal_get_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert logs.configuration()["formatters"]["line"] == {"()": logs.JsonFormatter}
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert logs.configuration()["formatters"]["line"] == {"format": "%(message)s"}
