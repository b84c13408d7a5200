"""``python -m monitoring``: record a version's KPIs, and show the history."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import storage
from monitoring import page, records, sources
from monitoring.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except storage.StorageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _record(options: argparse.Namespace) -> None:
    history = options.history.rstrip("/")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for room, collect in (("trainer", _trainer), ("webservice", _webservice)):
        kpis = sources.coverage(_json(options.coverage), room) | sources.tests(storage.read(options.tests), room)
        kpis |= collect(options)
        made = [Record(room, options.version, options.commit, now, kpi, value) for kpi, value in kpis.items()]
        print(f"Wrote {records.append(history, made)}")
    if history.startswith("s3://"):
        records.write_manifest(history, list(sources.ROOMS))


def _trainer(options: argparse.Namespace) -> dict[str, float]:
    kpis = sources.flatten(_json(options.metrics)) | sources.distribution(_json(options.manifest))
    history = records.read(options.history.rstrip("/"), "trainer")
    before = {record.kpi: record.value for record in history if record.version == history[-1].version}
    return kpis | sources.drift(kpis, before)


def _webservice(options: argparse.Namespace) -> dict[str, float]:
    return sources.benchmark(_json(options.benchmarks)) if options.benchmarks else {}


def _json(location: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(storage.read(location))
    return document


def _manifest(options: argparse.Namespace) -> None:
    records.write_manifest(options.bucket.rstrip("/"), list(sources.ROOMS))


def _report(options: argparse.Namespace) -> None:
    history = records.read(options.history.rstrip("/"), *sources.ROOMS)
    storage.write(options.page, page.render(history).encode())
    print(f"Wrote {options.page}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m monitoring", description="KPIs by version.")
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None], meaning: str, *places: str) -> Any:  # noqa: ANN401
        added = commands.add_parser(name, help=meaning, description=meaning)
        for place in places:
            added.add_argument(place)
        added.set_defaults(run=run)
        return added

    record = command("record", _record, "add a version's KPIs to the history, a folder or s3:// URL", "history")
    for option in ("--version", "--commit", "--metrics", "--manifest", "--coverage", "--tests"):
        record.add_argument(option, required=True)
    record.add_argument("--benchmarks")
    command("report", _report, "render the history as an HTML page", "history", "page")
    command("manifest", _manifest, "write the file that tells QuickSight where the records are", "bucket")
    return parser


if __name__ == "__main__":
    sys.exit(main())
