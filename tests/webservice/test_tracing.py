"""Traces, as a collector receives them."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.webservice.processes import SECONDS, SERVE, free_port, serving, stop
from webservice import tracing
from webservice.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture
def collector() -> Iterator[tuple[str, SimpleQueue[bytes]]]:
    """Its address, and what it receives."""
    received: SimpleQueue[bytes] = SimpleQueue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def test_with_one_setting_requests_are_exported_as_part_of_the_callers_trace(
    artifact_directory: Path, tumor: dict[str, Any], collector: tuple[str, SimpleQueue[bytes]]
) -> None:
    endpoint, received = collector
    port = free_port()
    settings = {tracing.ENDPOINT: endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "ONCOLOGY_METRICS_PORT": "0"}
    with serving(artifact_directory, port, SERVE, **settings) as process:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        url = f"http://127.0.0.1:{port}/predict?explain=true"
        assert httpx.post(url, json=tumor, headers=headers, timeout=SECONDS).status_code == 200
        stop(process)
    content = received.get(timeout=SECONDS)
    [scope] = ExportTraceServiceRequest.FromString(content).resource_spans[0].scope_spans
    [span] = scope.spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("POST /predict", TRACE, PARENT)
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 60e9
    assert {attribute.key for attribute in span.attributes} == {
        "http.request.method",
        "http.route",
        "http.response.status_code",
    }
    assert b"explain" not in content


def test_without_the_packages_the_setting_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tracing.ENDPOINT, "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match=r"OTEL_EXPORTER_OTLP_ENDPOINT is set and opentelemetry.* is not installed"):
        tracing.exporter()


def test_without_the_setting_nothing_is_imported_or_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.ENDPOINT, raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert tracing.exporter() is None
