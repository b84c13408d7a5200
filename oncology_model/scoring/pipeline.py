"""Blocks of a file through several threads: read by one, worked on by some, and handed on in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Block = TypeVar("Block")
Result = TypeVar("Result")


def in_order(work: Callable[[Block], Result], blocks: Iterator[Block], jobs: int) -> Iterator[Result]:
    """What ``work`` makes of each block; never more than ``jobs + 2`` blocks are held.

    pyarrow and numpy let go of the interpreter's lock where they compute, so that threads do share the work.

    Args:
        work: called in a thread of ``jobs``.
        blocks: taken in a thread of its own.
        jobs: 1 does everything in the caller's thread.
    """
    if jobs == 1:
        yield from map(work, blocks)
        return

    def work_on(read: Future[Block | None]) -> Result | None:
        block = read.result()
        return None if block is None else work(block)

    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(jobs) as workers:
        waiting: deque[Future[Result | None]] = deque()
        while True:
            waiting.append(workers.submit(work_on, reader.submit(next, blocks, None)))
            if len(waiting) > jobs:
                result = waiting.popleft().result()
                if result is None:
                    return
                yield result
