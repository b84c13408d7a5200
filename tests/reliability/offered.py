"""Load that is offered, whatever the service makes of it: requests are sent when they are due, without waiting."""

from __future__ import annotations

import asyncio
import collections
import resource
import time
from dataclasses import dataclass, field

# A client that hears nothing for so long gives up: none must have to.
PATIENCE_SECONDS = 10

# A request that is due while all are busy waits for one, and that counts as the service's. With fewer, a fast service
# would have answered all that can be on its way before it is late, and it would be the connections that are too few.
MOST_CONNECTIONS = 6000


@dataclass
class Outcome:
    """What became of the requests."""

    seconds_by_status: dict[int, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    """From the moment at which a request was due."""
    lost: list[str] = field(default_factory=list)
    """Why requests were not answered."""
    retry_after: set[str] = field(default_factory=set)
    """What refusals said of when to come again."""
    connections: int = 0

    def count(self, status: int) -> int:
        return len(self.seconds_by_status[status])

    def quantile_ms(self, status: int, share: float) -> float:
        seconds = sorted(self.seconds_by_status[status])
        return 1e3 * seconds[min(int(share * len(seconds)), len(seconds) - 1)] if seconds else float("nan")

    def __str__(self) -> str:
        told = [
            f"{len(seconds)} x {status} (p50 {self.quantile_ms(status, 0.5):.1f} ms, p99 "
            f"{self.quantile_ms(status, 0.99):.1f} ms, at most {1e3 * max(seconds):.0f} ms)"
            for status, seconds in sorted(self.seconds_by_status.items())
        ]
        return f"{', '.join(told)}; {len(self.lost)} lost {set(self.lost) or ''}"


class _Connection(asyncio.Protocol):
    """Sends one request at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._due = 0.0
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._load.transports.add(transport)

    def send(self, due: float) -> None:
        assert self._transport
        self._due = due
        self._received = b""
        self._load.open[self] = due
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) < int(fields[b"content-length"]):
            return
        outcome = self._load.outcome
        outcome.seconds_by_status[int(head[9:12])].append(time.perf_counter() - self._due)
        if b"retry-after" in fields:
            outcome.retry_after.add(fields[b"retry-after"].decode())
        del self._load.open[self]
        if fields.get(b"connection") == b"close":
            self._transport.close() if self._transport else None
        elif self._load.waiting:
            self.send(self._load.waiting.popleft())
        else:
            self._load.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        assert self._transport
        self._load.transports.discard(self._transport)
        if self._load.open.pop(self, None) is not None:
            self._load.outcome.lost.append(repr(exc) if exc else "closed without an answer")
        self._load.outcome.connections -= 1
        if self in self._load.idle:
            self._load.idle.remove(self)


class _Load:
    def __init__(self, port: int, request: bytes) -> None:
        self.port = port
        self.request = request
        self.outcome = Outcome()
        self.idle: collections.deque[_Connection] = collections.deque()
        self.open: dict[_Connection, float] = {}
        self.waiting: collections.deque[float] = collections.deque()
        self.transports: set[asyncio.Transport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def offer(self, rate: float, seconds: float) -> Outcome:
        start = time.perf_counter()
        sent = 0
        while (elapsed := time.perf_counter() - start) < seconds:
            for number in range(sent, int(elapsed * rate)):
                self._send(start + number / rate)
            sent = int(elapsed * rate)
            await asyncio.sleep(0.002)
        limit = time.perf_counter() + PATIENCE_SECONDS
        while (self.open or self._tasks or self.waiting) and time.perf_counter() < limit:
            await asyncio.sleep(0.01)
        self.outcome.lost += ["no answer"] * (len(self.open) + len(self._tasks) + len(self.waiting))
        self.open.clear()
        for transport in [*self.transports]:
            transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0.1)
        return self.outcome

    def _send(self, due: float) -> None:
        if self.idle:
            self.idle.pop().send(due)
        elif self.outcome.connections >= MOST_CONNECTIONS:
            self.waiting.append(due)
        else:
            task = asyncio.get_running_loop().create_task(self._connect(due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, due: float) -> None:
        self.outcome.connections += 1
        try:
            make = asyncio.get_running_loop().create_connection(lambda: _Connection(self), "127.0.0.1", self.port)
            _, connection = await asyncio.wait_for(make, PATIENCE_SECONDS)
        except OSError as error:
            self.outcome.lost.append(f"cannot connect: {error!r}")
        else:
            connection.send(due)


def offer(port: int, request: bytes, rate: float, seconds: float) -> Outcome:
    """Send ``request`` so many times a second, evenly, without waiting for answers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return asyncio.run(_Load(port, request).offer(rate, seconds))
