"""The contest: every peer installed, then measured in turns; who fails is kept, with its error."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from benchmarks import environments
from benchmarks.load import LoadError
from benchmarks.measuring import further_worker, import_seconds, measure, medians
from benchmarks.peers import REPOSITORY
from benchmarks.results import Results
from benchmarks.servers import ServerError, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.measuring import Bench, Figures
    from benchmarks.peers import Peer

BUILD: Final = REPOSITORY / "build" / "bench"
_ERROR_LINES: Final = 12


class Contest:
    """All peers, measured once.

    Args:
        peers: the first of them this service as it is by default.
        bench: what they have in common.
        rounds: how often each is measured.
    """

    def __init__(self, peers: Sequence[Peer], bench: Bench, rounds: int) -> None:
        self._peers = peers
        self._bench = bench
        self._rounds = rounds
        self._binaries: dict[str, Path] = {}
        ours = [peer.name for peer in peers if peer.ours]
        self._results = Results(ours, {peer.name: peer.title for peer in peers})

    def run(self) -> Results:
        """Install, then take turns, so that what else the machine does falls on all of them alike."""
        measured: dict[str, list[Figures]] = {peer.name: [] for peer in self._peers}
        self._each("installing", self._install)
        for number in range(self._rounds):
            self._each(
                f"round {number + 1} of {self._rounds}", lambda peer: measured[peer.name].append(self._round(peer))
            )
        self._each("further workers", lambda peer: self._conclude(peer, measured[peer.name]))
        return self._results

    def _each(self, stage: str, act: Callable[[Peer], None]) -> None:
        for peer in self._peers:
            if peer.name in self._results.errors:
                continue
            print(f"{stage}: {peer.title}", file=sys.stderr, flush=True)
            try:
                act(peer)
            except (ServerError, LoadError, subprocess.CalledProcessError) as error:
                lines = (getattr(error, "stderr", None) or str(error)).splitlines()[-_ERROR_LINES:]
                self._results.errors[peer.name] = "\n".join([f"{stage}: {lines[0]}", *lines[1:]])
                print(self._results.errors[peer.name], file=sys.stderr, flush=True)

    def _install(self, peer: Peer) -> None:
        self._binaries[peer.name] = environments.install(peer, BUILD)
        prepare(peer, self._binaries[peer.name], self._bench.artifact)

    def _round(self, peer: Peer) -> Figures:
        binaries = self._binaries[peer.name]
        figures = measure(peer, binaries, self._bench)
        if peer.ours:
            imports = statistics.median(import_seconds(binaries, "flask_restx", self._bench.core) for _ in range(3))
            figures["start_in_imports"] = figures["start_seconds"] / imports
        return figures

    def _conclude(self, peer: Peer, rounds: Sequence[Figures]) -> None:
        self._results.figures[peer.name] = medians(rounds)
        self._results.figures[peer.name]["worker_mb"] = further_worker(peer, self._binaries[peer.name], self._bench)
