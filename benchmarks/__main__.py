"""``python -m benchmarks``: installs the peers, measures them in turns, and writes the report."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import pandas as pd
import psutil

from benchmarks import chart, environments, report
from benchmarks.contest import Contest
from benchmarks.load import LoadError, take_a_core
from benchmarks.measuring import Bench
from benchmarks.peers import PEERS, REPOSITORY
from benchmarks.tumors import TUMORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers import Peer
    from benchmarks.results import Results


def main() -> int:
    """Run as the command line says, and return the exit status."""
    options = _parser().parse_args()
    try:
        server_core = take_a_core()
    except LoadError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    peers = [peer for peer in PEERS if peer.ours or not options.peers or peer.name in options.peers]
    seconds, rounds = (1.0, 1) if options.quick else (options.seconds, options.rounds)
    bench = Bench(options.artifact.resolve(), _expected(options.artifact), seconds, server_core)
    results = Contest(peers, bench, rounds).run()
    results.circumstances = _circumstances(peers, bench, rounds)
    _write(results, options.output)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--artifact", type=Path, default=REPOSITORY / "oncology_model" / "model")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks", help="folder of the report")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each load")
    parser.add_argument("--quick", action="store_true", help="one round of 1 s: whether all works, not how fast")
    parser.add_argument("--peers", nargs="+", choices=[peer.name for peer in PEERS], help="beside this service; all")
    return parser


def _expected(artifact: Path) -> list[float]:
    estimator = joblib.load(artifact / "model.joblib")  # ours, made by `make train`
    probabilities: list[float] = estimator.predict_proba(pd.DataFrame(TUMORS))[:, 1].tolist()
    return probabilities


def _circumstances(peers: Sequence[Peer], bench: Bench, rounds: int) -> dict[str, str]:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    named = {peer.title: ", ".join(map(" ".join, environments.versions(peer).items())) for peer in peers}
    return {
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "commit": commit.stdout.strip() or "unknown",
        "model": json.loads((bench.artifact / "manifest.json").read_text())["model_version"],
        "machine": f"{_processor()}, {psutil.cpu_count()} cores, {platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "rounds": f"{rounds}, {bench.seconds:g} s each load",
        "versions": "; ".join(f"{title}: {versions}" for title, versions in named.items()),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _write(results: Results, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    text = report.markdown(results)
    (output / "results.md").write_text(text)
    (output / "results.json").write_text(json.dumps(dataclasses.asdict(results), indent=2) + "\n")
    title = "Predictions a second on one core, one tumour a request"
    (output / "results.svg").write_text(chart.bars(results, "requests_per_second", title))
    print(text)


if __name__ == "__main__":
    sys.exit(main())
