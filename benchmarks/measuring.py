"""One peer, one round: started, checked, measured in every way, stopped."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks.load import at_rate, saturate
from benchmarks.servers import ServerError, running
from benchmarks.tumors import BATCH_ROWS, TUMORS
from oncology_model.derivation import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.peers import Dialect, Peer
    from benchmarks.servers import Server

RATE: Final = 500
"""Requests a second at which waiting times are compared."""

_CHECKED_ROWS: Final = 20
# One is worked on while the next one is on its way.
_BATCH_CONNECTIONS: Final = 2

Figures = dict[str, float]
"""By metric; one that a peer does not have is absent."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all peers have in common."""

    artifact: Path
    expected: Sequence[float]
    """The estimator's own probability for each of ``TUMORS``."""
    seconds: float
    """How long each load lasts, after a warm-up of half of that."""
    core: int
    """The servers' own."""


def measure(peer: Peer, binaries: Path, bench: Bench) -> Figures:
    """Measure a peer in a fresh process, the second of two: the first one reads its files from the disk.

    Raises:
        ServerError: it does not start, or says something else than the estimator.
        LoadError: it refused requests.
    """
    with running(peer, binaries, bench.artifact, bench.core):
        pass
    with running(peer, binaries, bench.artifact, bench.core) as server:
        figures: Figures = {"start_seconds": server.seconds_to_first_answer}
        _check_single(server, peer.single, bench)
        url = server.url + peer.single.path
        body = body_of(binaries, peer.single, 1)
        saturate(url, body, bench.seconds / 2)
        load = saturate(url, body, bench.seconds)
        figures |= {"requests_per_second": load.requests_per_second, "p50_ms": load.p50_ms, "p99_ms": load.p99_ms}
        figures["constant_per_second"] = saturate(server.url + peer.constant, None, bench.seconds).requests_per_second
        rate = at_rate(url, body.read_bytes(), RATE, bench.seconds)
        figures |= {"rate_reached": rate.requests_per_second, "p99_at_rate_ms": rate.p99_ms}
        # Before the batches, which not every peer has and whose buffers would count.
        figures["memory_mb"] = server.megabytes()
        if _has_batches(server, peer.batch, bench):
            batch = saturate(
                server.url + peer.batch.path,
                body_of(binaries, peer.batch, BATCH_ROWS),
                bench.seconds,
                _BATCH_CONNECTIONS,
            )
            figures["batch_rows_per_second"] = BATCH_ROWS * batch.requests_per_second
    return figures


def further_worker(peer: Peer, binaries: Path, bench: Bench) -> float:
    """How many megabytes the third worker adds to two, after all have worked."""
    weights = []
    for workers in (2, 3):
        with running(peer, binaries, bench.artifact, bench.core, workers) as server:
            saturate(server.url + peer.single.path, body_of(binaries, peer.single, 1), bench.seconds)
            weights.append(server.megabytes())
    return weights[1] - weights[0]


def import_seconds(binaries: Path, module: str, core: int) -> float:
    """How long a Python process takes that does nothing but import ``module``."""
    started = time.perf_counter()
    command = ["taskset", "--cpu-list", str(core), str(binaries / "python"), "-c", f"import {module}"]
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def medians(rounds: Sequence[Figures]) -> Figures:
    """The median of each metric over the rounds."""
    return {metric: statistics.median(figures[metric] for figures in rounds) for metric in rounds[0]}


def body_of(binaries: Path, dialect: Dialect, rows: int) -> Path:
    """A file with so many tumours in a peer's words."""
    path = binaries.parent / f"body-{rows}.json"
    path.write_text(json.dumps(dialect.encode(TUMORS[:rows])))
    return path


def _check_single(server: Server, dialect: Dialect, bench: Bench) -> None:
    for tumor, expected in list(zip(TUMORS, bench.expected, strict=True))[:_CHECKED_ROWS]:
        response = httpx.post(server.url + dialect.path, json=dialect.encode([tumor]))
        _compare(response, dialect, [expected])


def _has_batches(server: Server, dialect: Dialect, bench: Bench) -> bool:
    response = httpx.post(server.url + dialect.path, json=dialect.encode(TUMORS), timeout=60)
    if response.status_code in {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED}:
        return False
    _compare(response, dialect, bench.expected)
    return True


def _compare(response: httpx.Response, dialect: Dialect, expected: Sequence[float]) -> None:
    if response.status_code != httpx.codes.OK:
        raise ServerError(f"answered {response.status_code}: {response.text[:500]}")
    found = dialect.decode(response.json())
    if len(found) != len(expected) or any(abs(a - b) > TOLERANCE for a, b in zip(found, expected, strict=True)):
        raise ServerError("gives other probabilities than the estimator itself")
