"""``python -m benchmarks.scoring``: what scoring files costs, beside only reading and writing them.

Each round runs every way once, in a process of its own that times its work alone, so that whatever else the machine
does meets all alike; what is told are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from benchmarks.scoring_ways import WAYS
from oncology_model import FEATURES
from oncology_model.grades import draw

_PARTS: Final = 16

# Each way beside what it is compared with.
_RATIOS: Final = (
    ("CSV scored, one core", "CSV read and written, one core"),
    ("CSV scored, two cores", "CSV scored, one core"),
    ("Parquet scored, one core", "Parquet read and written, one core"),
    ("Parquet scored, two cores", "Parquet scored, one core"),
    ("folder scored, two cores", "folder scored, one core"),
    ("folder on one worker", "folder scored, one core"),
    ("folder on two workers", "folder on one worker"),
)


def main() -> None:
    """Measure, and print two tables in Markdown."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.scoring", description=__doc__)
    options.add_argument("--rows", type=int, default=4_000_000, help="of the table (default: %(default)s)")
    options.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="scoring-") as folder:
        _write_tables(Path(folder), chosen.rows)
        rounds = [{name: _measure(name, Path(folder)) for name in WAYS} for _ in range(chosen.rounds)]
    print(f"{chosen.rows:,} rows, medians of {chosen.rounds} rounds:\n")
    print("| way | rows/s | lowest to highest | memory (MB) |\n| --- | ---: | ---: | ---: |")
    for name in WAYS:
        rates = [figures[name]["rows_per_second"] for figures in rounds]
        memory = statistics.median(figures[name]["megabytes"] for figures in rounds)
        spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
        print(f"| {name} | {statistics.median(rates):,.0f} | {spread} | {memory:,.0f} |")
    print("\n| way | times | of |\n| --- | ---: | --- |")
    for name, other in _RATIOS:
        ratios = [figures[name]["rows_per_second"] / figures[other]["rows_per_second"] for figures in rounds]
        print(f"| {name} | {statistics.median(ratios):.2f} | {other} |")


def _write_tables(folder: Path, rows: int) -> None:
    """The same tumours as one CSV file, one Parquet file and a folder of Parquet."""
    (folder / "parts").mkdir()
    size = rows // _PARTS
    for part in range(_PARTS):
        codes = draw(size, seed=part)
        columns = {name: pa.array(column, mask=column == 0) for name, column in zip(FEATURES, codes.T, strict=True)}
        numbers = np.arange(part * size, (part + 1) * size)
        pq.write_table(pa.table({"sample_code_number": numbers} | columns), folder / "parts" / f"{part:02}.parquet")
    table = pq.read_table(folder / "parts")
    pq.write_table(table, folder / "tumors.parquet")
    csv.write_csv(table, folder / "tumors.csv")


def _measure(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scoring_ways", name, str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


if __name__ == "__main__":
    main()
