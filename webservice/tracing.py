"""Traces: the caller's is continued, and exported where OTEL_EXPORTER_OTLP_ENDPOINT says to whom."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from webservice.settings import SettingsError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"

# Whatever else a client sends as an identifier would come back in a header and go into the log.
_SANE: Final = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}", re.ASCII)

# https://www.w3.org/TR/trace-context/#traceparent-header; later versions may append fields.
_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)
_TRACEPARENT_00: Final = 55

Export: TypeAlias = Callable[["WSGIEnvironment", str, str, str, int], str]
"""Exports a request, given its method, route, status and start (ns since 1970), and returns its trace's identifier."""


def request_id(environ: WSGIEnvironment) -> str:
    """The request's identifier: the client's if it is sane, else a new one."""
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _SANE.fullmatch(given) else secrets.token_hex(16)


def trace_id(environ: WSGIEnvironment) -> str | None:
    """The identifier of the trace that the request belongs to, if it says a valid one."""
    given: str = environ.get("HTTP_TRACEPARENT", "")
    match = given and _TRACEPARENT.fullmatch(given)
    if not match or (given.startswith("00") and len(given) != _TRACEPARENT_00):
        return None
    return match["trace"]


def exporter() -> Export | None:
    """What exports requests, or None where nobody asked for that.

    Raises:
        SettingsError: OpenTelemetry is asked for and not installed.
    """
    if not os.environ.get(ENDPOINT):
        return None
    try:
        return _opentelemetry()
    except ImportError as error:
        raise SettingsError(
            f"{ENDPOINT} is set and {error.name} is not installed: install the tracing packages"
        ) from error


def _opentelemetry() -> Export:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.trace import SpanKind, StatusCode, format_trace_id  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    name = os.environ.get("OTEL_SERVICE_NAME", "oncology-webservice")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("webservice")
    propagator = TraceContextTextMapPropagator()

    def export(environ: WSGIEnvironment, method: str, route: str, status: str, started: int) -> str:
        headers: dict[str, Any] = {
            name: environ[variable]
            for name, variable in (("traceparent", "HTTP_TRACEPARENT"), ("tracestate", "HTTP_TRACESTATE"))
            if variable in environ
        }
        # By hand and not by an instrumentation, which would export the address, and with it a tumour.
        span = tracer.start_span(
            f"{method} {route}",
            context=propagator.extract(headers),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": int(status),
            },
            start_time=started,
        )
        if status >= "500":
            span.set_status(StatusCode.ERROR)
        span.end()
        return format_trace_id(span.get_span_context().trace_id)

    return export
