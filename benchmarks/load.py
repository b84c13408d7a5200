"""Load: as much as a server takes, by wrk, and a constant rate, by threads that send when they are due."""

from __future__ import annotations

import http.client
import json
import math
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

CONNECTIONS: Final = 16
"""Kept alive, for single tumours."""

_SCRIPT: Final = Path(__file__).with_name("wrk.lua")


class LoadError(Exception):
    """Requests failed, so that their figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of as many requests as the server takes."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Rate:
    """What came of a constant rate."""

    requests_per_second: float
    """As were answered; fewer than were due where the server could not keep up."""
    p99_ms: float
    """From the moment a request was due, so that waiting behind slow ones counts (no coordinated omission)."""


def take_a_core() -> int:
    """Keep this process, which makes the load, on the first core, and return the second, which is for servers.

    Raises:
        LoadError: there is no second one, or no wrk.
    """
    if not shutil.which("wrk") or len(os.sched_getaffinity(0)) < 2:  # noqa: PLR2004
        raise LoadError("wrk (`apt-get install wrk`) and two cores are needed")
    own, servers, *_ = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {own})
    return servers


def saturate(url: str, body: Path | None, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Post ``body`` (or get, where None) with one wrk thread, the next request as soon as the last is answered.

    Raises:
        LoadError: a request was refused or broke.
    """
    wrk = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{math.ceil(seconds)}s"]
    environment = os.environ | ({"BENCH_BODY": str(body)} if body else {})
    command = [*wrk, "--timeout", "30s", "--script", str(_SCRIPT), url]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    result = json.loads(done.stdout.splitlines()[-1])
    if result["refused"] or result["broken"] or not result["requests"]:
        raise LoadError(f"{url}: {result['refused']} refused and {result['broken']} broken of {result['requests']}")
    return Load(result["requests"] / result["seconds"], result["p50_ms"], result["p99_ms"])


def at_rate(url: str, body: bytes, rate: float, seconds: float, connections: int = CONNECTIONS) -> Rate:
    """Post ``body`` so many times a second, each connection its share, evenly spaced, as wrk2 does.

    wrk knows no rate, and wrk2 is not in Debian. A late request is timed from when it was due, and the run ends when
    its time is over even if requests are still due.

    Raises:
        LoadError: a request was refused or broke.
    """
    start = time.perf_counter() + 0.1
    share = connections / rate

    def one_connection(number: int) -> list[float]:
        return _post_when_due(url, body, start + number / rate, share, start + seconds)

    with ThreadPoolExecutor(connections) as pool:
        latencies = sorted(latency for some in pool.map(one_connection, range(connections)) for latency in some)
    elapsed = max(time.perf_counter() - start, seconds)
    return Rate(len(latencies) / elapsed, 1e3 * latencies[math.ceil(0.99 * len(latencies)) - 1])


def _post_when_due(url: str, body: bytes, due: float, interval: float, end: float) -> list[float]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    latencies = []
    try:
        while due < end and time.perf_counter() < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", address.path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            latencies.append(time.perf_counter() - due)
            if response.status != http.client.OK:
                raise LoadError(f"{url}: {response.status} at a constant rate")
            due += interval
    except (OSError, http.client.HTTPException) as error:
        raise LoadError(f"{url}: {error!r} at a constant rate") from error
    finally:
        connection.close()
    return latencies
