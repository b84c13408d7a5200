"""Servers: started on one core, asked until they answer, weighed, and stopped with all their processes."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx
import psutil

from benchmarks.environments import variables
from benchmarks.peers import FOLDER, Launch
from benchmarks.tumors import TUMORS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.peers import Peer

# The slowest peer takes about ten seconds on a quiet machine.
_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 15
_LOG_LINES: Final = 12


class ServerError(Exception):
    """A peer that did not start, or gave a wrong answer."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running peer."""

    url: str
    process: psutil.Process
    seconds_to_first_answer: float
    """From the start of its command to its first prediction."""

    def megabytes(self) -> float:
        """Proportional set size of the whole process tree: pages shared between processes count once."""
        pss = 0
        for process in _tree(self.process):
            try:
                pss += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
        return pss / 1e6


def prepare(peer: Peer, binaries: Path, artifact: Path) -> None:
    """Do what a peer needs before it is started the first time.

    Raises:
        subprocess.CalledProcessError: it went wrong; its output tells why.
    """
    if peer.prepare:
        command = peer.prepare(_launch(binaries, artifact))
        folder = FOLDER / peer.name
        subprocess.run(command, check=True, cwd=folder, env=variables(binaries), capture_output=True, text=True)


def _launch(binaries: Path, artifact: Path, workers: int = 1) -> Launch:
    scratch = binaries.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return Launch(binaries, artifact, scratch, _free_ports(), workers)


@contextmanager
def running(peer: Peer, binaries: Path, artifact: Path, core: int, workers: int = 1) -> Iterator[Server]:
    """Run a peer on one core until the block is left.

    Raises:
        ServerError: it did not start; the message has the end of its log.
    """
    launch = _launch(binaries, artifact, workers)
    environment = variables(binaries) | peer.environment(launch)
    log = launch.scratch / "log.txt"
    pinned = ["taskset", "--cpu-list", str(core)]
    folder = launch.scratch if peer.ours else FOLDER / peer.name
    with log.open("w") as output:
        started = time.perf_counter()
        process = psutil.Popen(
            [*pinned, *peer.command(launch)], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        url = f"http://127.0.0.1:{launch.ports[0]}"
        _wait_for_answer(process, url + peer.single.path, peer.single.encode(TUMORS[:1]), log)
        yield Server(url, process, time.perf_counter() - started)
    finally:
        _stop(process)


def _wait_for_answer(process: psutil.Popen, url: str, document: object, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    # One client for all attempts: to make one takes a tenth of what the fastest server needs to start.
    with httpx.Client(timeout=10) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                response = client.post(url, json=document)
                if response.status_code == httpx.codes.OK:
                    return
            time.sleep(0.002)
    ended = f"ended with {process.poll()}" if process.poll() is not None else f"gave no answer in {_START_SECONDS} s"
    raise ServerError(f"{ended}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:]))


def _tree(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def _stop(process: psutil.Popen) -> None:
    tree = _tree(process)
    with suppress(psutil.NoSuchProcess):
        process.terminate()
    _, alive = psutil.wait_procs(tree, timeout=_STOP_SECONDS)
    for survivor in alive:
        with suppress(psutil.NoSuchProcess):
            survivor.kill()
    psutil.wait_procs(alive, timeout=_STOP_SECONDS)


def _free_ports() -> tuple[int, int, int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        first, second, third = (taken.getsockname()[1] for taken in sockets)
        return first, second, third
