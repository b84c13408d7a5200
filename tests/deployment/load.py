"""Constant load on the service, by clients that count every request which is not answered as it should be."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import httpx

if TYPE_CHECKING:
    from types import TracebackType

TUMOR: Final = {
    "clump_thickness": 4,
    "uniformity_of_cell_size": 1,
    "uniformity_of_cell_shape": 2,
    "marginal_adhesion": 1,
    "single_epithelial_cell_size": 2,
    "bare_nuclei": 1,
    "bland_chromatin": 1,
    "normal_nucleoli": 1,
    "mitoses": 1,
}
CLIENTS: Final = 8
# Requests a second that each client offers at most: well below capacity, so that what is lost is lost by the step.
RATE: Final = 25

KEPT: Final = httpx.Limits(max_keepalive_connections=1)
FRESH: Final = httpx.Limits(max_keepalive_connections=0)


@dataclass(frozen=True)
class Failure:
    """A request that was not answered with 200 and the right prediction."""

    started: float
    """As ``time.monotonic()``."""
    reason: str


@dataclass
class Load:
    """Clients that ask, half of them on kept connections and half on fresh ones, until the end of the ``with`` block.

    They retry nothing: a connection that was closed while idle is not used, as in every HTTP client, and whatever is
    lost after the request was begun counts.
    """

    url: str
    sent: int = 0
    failures: list[Failure] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on, args=((KEPT, FRESH)[i % 2],)) for i in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _ask_on(self, limits: httpx.Limits) -> None:
        with httpx.Client(base_url=self.url, limits=limits, timeout=10, verify=False, trust_env=False) as client:  # noqa: S501
            while not self._stopped.wait(1 / RATE):
                started = time.monotonic()
                reason = _ask(client)
                with self._lock:
                    self.sent += 1
                    if reason:
                        self.failures.append(Failure(started, reason))


def _ask(client: httpx.Client) -> str | None:
    """Why a request failed, if it did."""
    try:
        response = client.post("/predict", json=TUMOR)
    except httpx.HTTPError as error:
        return repr(error)
    if response.status_code == httpx.codes.OK and response.json()["prediction"] == "benign":
        return None
    return f"status {response.status_code}: {response.text[:100]}"
