"""What load does to a service over real HTTP: how long it lasts, how much it is, and how slow the clients are.

``make test.reliability``; figures are printed. Clients time a request from the moment at which it was due.
"""

from __future__ import annotations

import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import orjson
import pytest

from tests.reliability.conftest import BODY, HEAD, PREDICT, Running, running, soak_seconds
from tests.reliability.offered import offer
from tests.reliability.slow import SlowReaders, SlowSenders
from webservice.documentation import EXAMPLE_BODY

pytestmark = [
    # asyncio leaves those sockets to the garbage collector whose connection was refused.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.reliability,
    pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed (Debian: wrk)"),
]

OVERLOAD_SECONDS = 30
MEGABYTE = 1024 * 1024


def memory(service: Running) -> int:
    """Bytes that the workers have for themselves."""
    return sum(worker.memory_full_info().uss for worker in service.workers())


def test_at_seventy_per_cent_of_capacity_memory_stays_flat_and_nothing_fails(service: Running, body: Path) -> None:
    capacity = service.capacity(body)  # which warms it up
    before = memory(service)
    outcome = offer(service.port, PREDICT, 0.7 * capacity, soak_seconds())
    grown = memory(service) - before
    print(f"\n{soak_seconds()} s at 70 % of {capacity:.0f}/s: {outcome}; memory grew by {grown / 1024:.0f} KiB")
    assert not outcome.lost
    assert set(outcome.seconds_by_status) == {200}
    assert grown <= 2 * MEGABYTE


def test_twice_its_capacity_is_answered_or_refused_at_once_and_then_all_is_well_again(
    service: Running, body: Path
) -> None:
    capacity = service.capacity(body)
    normal = offer(service.port, PREDICT, 0.5 * capacity, 5)
    during = offer(service.port, PREDICT, 2 * capacity, OVERLOAD_SECONDS)
    after = offer(service.port, PREDICT, 0.5 * capacity, 5)
    print(
        f"\ncapacity {capacity:.0f}/s\nhalf of it: {normal}\ntwice, {OVERLOAD_SECONDS} s: {during}\nhalf again: {after}"
    )
    assert not during.lost
    assert set(during.seconds_by_status) <= {200, 503}
    assert during.count(200)
    assert during.retry_after <= {"1"}
    assert not after.lost
    # Of the five seconds, those that count are the last: half of the requests came when all was well.
    assert after.quantile_ms(200, 0.5) < during.quantile_ms(200, 0.5) or not during.count(503)
    assert len(service.workers()) == 1


SLOW = {
    "heads": (PREDICT, 10),
    "bodies": (PREDICT, len(PREDICT) - len(BODY) + 1),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in BODY), 120),
    "bodies that are too large": (HEAD + b"Content-Length: 99999999\r\n\r\n" + b" " * 99, 120),
    "answers' ends": (HEAD + b"Connection: close\r\n" + PREDICT.removeprefix(HEAD), len(PREDICT) + 19),
}


@pytest.mark.parametrize(("request_bytes", "begun"), SLOW.values(), ids=SLOW)
def test_two_hundred_slow_clients_stop_nobody(service: Running, request_bytes: bytes, begun: int) -> None:
    alone = offer(service.port, PREDICT, 50, 3)
    with SlowSenders(service.port, [request_bytes] * 200, begun):
        time.sleep(1)
        among = offer(service.port, PREDICT, 50, 5)
    print(f"\nalone: {alone}\namong 200 slow ones: {among}")
    assert not among.lost
    assert set(among.seconds_by_status) == {200}


def test_clients_that_do_not_read_their_answers_stop_nobody_else(service: Running) -> None:
    batch = orjson.dumps([EXAMPLE_BODY] * 10_000)
    head = b"POST /predict/batch?explain=true HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with SlowReaders(service.port, head + b"Content-Length: %d\r\n\r\n" % len(batch) + batch, 4):
        time.sleep(2)
        among = offer(service.port, PREDICT, 50, 5)
    print(f"\namong four that do not read: {among}")
    assert not among.lost
    assert set(among.seconds_by_status) == {200}


def test_told_to_stop_under_load_it_loses_no_request(artifact_directory: Path, body: Path) -> None:
    """As in Kubernetes, where clients learn meanwhile to go elsewhere."""
    with running(artifact_directory, ONCOLOGY_DRAIN_SECONDS="6") as service, ThreadPoolExecutor(1) as pool:
        rate = 0.3 * service.capacity(body, 2)
        load = pool.submit(offer, service.port, PREDICT, rate, 6)
        time.sleep(3)
        service.process.send_signal(signal.SIGTERM)
        outcome = load.result()
        print(f"\ntold to stop after 3 of 6 s: {outcome}")
        assert not outcome.lost
        assert set(outcome.seconds_by_status) == {200}
        assert service.process.wait(30) == 0


def test_a_killed_worker_loses_its_own_requests_and_no_others(service: Running) -> None:
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(offer, service.port, PREDICT, 100, 6)
        time.sleep(3)
        (killed,) = service.workers()
        killed.send_signal(signal.SIGKILL)
        outcome = load.result()
    print(f"\nits only worker killed after 3 of 6 s: {outcome}")
    assert len(outcome.lost) <= 10, "at most what it was answering and what was on its way to it"
    assert httpx.get(f"{service.url}/readyz", timeout=30).status_code == 200
