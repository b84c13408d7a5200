"""What a person at a terminal sees while a job runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _RowsPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        rows: int = task.fields["rows"]
        return Text(f"{rows:,} rows, {rows / max(task.elapsed or 0, 0.1):,.0f} rows/s")


@contextmanager
def progress(size: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on the standard error, if that is a terminal; gives what is to be told of further rows and bytes.

    Args:
        size: bytes of all that is to be read, from which the time that is left is told.
    """
    console = Console(stderr=True)
    columns = (TextColumn("Scoring"), BarColumn(), _RowsPerSecond(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=size, rows=0)
        total = 0

        def advance(rows: int, read: int) -> None:
            nonlocal total
            total += rows
            bar.update(task, advance=read, rows=total)

        yield advance
