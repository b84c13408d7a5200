"""What the commands have in common: options, and how they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no other name for it


def add_command(
    commands: Commands, name: str, purpose: str, run: Callable[[argparse.Namespace], int | None]
) -> argparse.ArgumentParser:
    """Add a command whose answer ``--json`` makes machine-readable.

    Args:
        commands: to which it is added.
        name: what the user types.
        purpose: one sentence, that starts with a capital letter.
        run: does it, and may return an exit status; raises what :func:`oncology_model.commands.main` turns into a
            message and an exit status.
    """
    summary = purpose[0].lower() + purpose[1:].rstrip(".")
    command = commands.add_parser(name, description=purpose, help=summary, allow_abbrev=False)
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="answer in JSON")
    return command


def add_model_option(command: argparse.ArgumentParser) -> None:
    """Let the user choose the artifact."""
    command.add_argument(
        "--model", type=Path, metavar="DIR", help="folder of the artifact (default: the one inside the package)"
    )


def print_json(document: Any) -> None:  # noqa: ANN401 - anything JSON can be
    """Write ``document`` to the standard output."""
    print(json.dumps(document, indent=2))


def print_table(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Write rows of equally many cells in aligned columns.

    Args:
        rows: the table.
        right: which columns are aligned to the right, from 0.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
