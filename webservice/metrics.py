"""What Prometheus is told of requests and of the model, and where it asks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    start_http_server,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from webservice import shared
from webservice.tally import TallyCollector, feature_grades

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from logging import Logger

    from prometheus_client import Metric

    from webservice.service import Service
    from webservice.settings import Settings

# A series for each counter that says when it was made: nothing here asks.
disable_created_metrics()  # type: ignore[no-untyped-call]

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

UNKNOWN: Final = "other"
"""The label of a route or method that is none of ours: clients must not be able to make up labels."""


class Metrics:
    """Counts requests.

    Args:
        service: counts predictions itself.
        workers: how many processes there are, each of which computes one thing at a time.
        threads: how many requests all of them together can work on at a time.
    """

    def __init__(self, service: Service, workers: int, threads: int) -> None:
        # By place and not by process identifier: else every worker that is started would leave files for ever.
        several = shared.directory() is not None
        values.ValueClass = values.MultiProcessValue(shared.place) if several else values.MutexValue  # type: ignore[no-untyped-call]
        self.registry: Final = CollectorRegistry()
        self._requests = Counter(
            "oncology_requests", "Requests.", ["method", "route", "status", "key"], registry=self.registry
        )
        self._seconds = Histogram(
            "oncology_request_seconds",
            "Time from a request's arrival at a thread to its answer's end.",
            ["route", "status"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.in_flight: Final = Gauge(
            "oncology_requests_in_flight", "Requests at work.", registry=self.registry, multiprocess_mode="livesum"
        )
        for name, meaning, count in (
            ("oncology_workers", "Processes that answer, each at most as fast as a CPU.", workers),
            ("oncology_threads", "Requests that can be at work.", threads),
        ):
            Gauge(name, meaning, registry=self.registry, multiprocess_mode="max").set(count)
        self.lost_lines: Final = Counter(
            "oncology_log_lines_lost", "Lines that could not be written.", registry=self.registry
        )
        self.registry.register(TallyCollector(service.tally))
        self._describe(service)
        # Asking for a child by its labels takes longer than counting.
        self._bound: Callable[..., tuple[Counter, Histogram]] = cache(self._bind)

    def _describe(self, service: Service) -> None:
        info = Gauge(
            "oncology_model_info",
            "The model that answers; always 1.",
            ["version", "digest"],
            registry=self.registry,
            multiprocess_mode="max",
        )
        info.labels(service.model_version, service.digest).set(1)
        training = Gauge(
            "oncology_training_grades",
            "How often each grade stands in the training data; 0 is not measured.",
            ["feature", "grade"],
            registry=self.registry,
            multiprocess_mode="max",
        )
        for feature, code in feature_grades():
            training.labels(feature, str(code)).set(service.training_distribution[feature][code])

    def count(self, method: str, route: str, status: str, key: str, seconds: float) -> None:
        """Count a request that has been answered.

        Args:
            method: of HTTP, one of few.
            route: the rule that it matched, never its path.
            status: of the answer, three digits.
            key: the name of the key that it carried, or nothing.
            seconds: that it took.
        """
        counter, histogram = self._bound(method, route, status, key)
        counter.inc()
        histogram.observe(seconds)

    def _bind(self, method: str, route: str, status: str, key: str) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, status, key), self._seconds.labels(route, status)


class _Collector(MultiProcessCollector):
    """Tells what all processes that share a folder have counted."""

    def collect(self) -> Iterable[Metric]:
        """Leave out what ended processes told of themselves."""
        shared.forget_ended()
        metrics: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return metrics


def serve(settings: Settings, log: Logger) -> None:
    """Answer ``/metrics`` from a thread of this process, if that is wanted."""
    if not settings.metrics_port or not shared.directory():
        return
    registry = CollectorRegistry()
    _Collector(registry)  # type: ignore[no-untyped-call]
    registry.register(TallyCollector())
    try:
        start_http_server(settings.metrics_port, settings.host, registry)
    except OSError as error:
        log.warning(
            "No metrics: cannot listen on %s port %s (%s); set another ONCOLOGY_METRICS_PORT, or 0 for none",
            settings.host,
            settings.metrics_port,
            error.strerror,
        )
