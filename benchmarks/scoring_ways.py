"""The ways that ``python -m benchmarks.scoring`` measures; ``python -m benchmarks.scoring_ways`` runs one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from oncology_model import Classifier, artifact
from oncology_model.classifier import BUNDLED_MODEL
from oncology_model.grades import draw
from oncology_model.scoring import local, remote
from oncology_model.scoring.plan import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Work = Callable[[Path], int]
    """Does it, and tells how many rows that were."""

_BATCH_ROWS: Final = 1 << 17


def _nothing(_rows: int, _bytes: int) -> None:
    pass


def _csv_read(folder: Path, *, write: bool) -> int:
    rows = 0
    # One thread, as scoring on one core has.
    reader = csv.open_csv(folder / "tumors.csv", csv.ReadOptions(use_threads=False))
    with csv.CSVWriter(folder / "out.csv", reader.schema) as writer:
        for batch in reader:
            rows += len(batch)
            if write:
                writer.write_batch(batch)
    return rows


def _parquet_read(folder: Path, *, write: bool) -> int:
    with (
        pq.ParquetFile(folder / "tumors.parquet", pre_buffer=False) as table,
        pq.ParquetWriter(folder / "out.parquet", table.schema_arrow) as writer,
    ):
        for batch in table.iter_batches(_BATCH_ROWS, use_threads=False):
            if write:
                writer.write_batch(batch)
        return int(table.metadata.num_rows)


def _classified(folder: Path) -> int:
    del folder
    codes = draw(500_000, seed=0)
    classifier, times = Classifier(), 40  # so often that what it takes to make them is little
    for _ in range(times):
        classifier.assess_many(codes)
    return times * len(codes)


def _scored(folder: Path, *, files: tuple[str, str], jobs: int) -> int:
    source, target = files
    parts = plan(str(folder / source), str(folder / target), None, {}).parts
    return local.score_parts(parts, Classifier(), explain=False, jobs=jobs, advance=_nothing).rows


def _on_cluster(folder: Path, *, scheduler: str) -> int:
    parts = plan(str(folder / "parts"), str(folder / "out"), None, {}).parts
    model = artifact.read(BUNDLED_MODEL)
    return remote.score_parts(parts, model, explain=False, scheduler=scheduler, advance=_nothing).rows


_CSV: Final = ("tumors.csv", "out.csv")
_PARQUET: Final = ("tumors.parquet", "out.parquet")
_FOLDER: Final = ("parts", "out")

WAYS: Final[dict[str, tuple[int, int, Any]]] = {
    "tumours in memory classified, one core": (1, 0, _classified),
    "CSV read, one core": (1, 0, partial(_csv_read, write=False)),
    "CSV read and written, one core": (1, 0, partial(_csv_read, write=True)),
    "CSV scored, one core": (1, 0, partial(_scored, files=_CSV, jobs=1)),
    "CSV scored, two cores": (2, 0, partial(_scored, files=_CSV, jobs=2)),
    "Parquet read, one core": (1, 0, partial(_parquet_read, write=False)),
    "Parquet read and written, one core": (1, 0, partial(_parquet_read, write=True)),
    "Parquet scored, one core": (1, 0, partial(_scored, files=_PARQUET, jobs=1)),
    "Parquet scored, two cores": (2, 0, partial(_scored, files=_PARQUET, jobs=2)),
    "folder scored, one core": (1, 0, partial(_scored, files=_FOLDER, jobs=1)),
    "folder scored, two cores": (2, 0, partial(_scored, files=_FOLDER, jobs=2)),
    "folder on one worker": (2, 1, _on_cluster),
    "folder on two workers": (2, 2, _on_cluster),
}
"""By name: how many cores and workers of a Dask cluster it has, and what it does."""


@contextmanager
def _cluster(workers: int) -> Iterator[dict[str, str]]:
    """What work on a cluster is to be told; nothing where it has no workers."""
    if not workers:
        yield {}
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    commands = [[*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    # A core for each, which the scheduler and the client share.
    for core in range(workers):
        worker = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        commands.append(["taskset", "--cpu-list", str(core), *dask, *worker])
    with ExitStack() as stack:
        for command in commands:
            quiet = subprocess.DEVNULL
            process = stack.enter_context(subprocess.Popen(command, stdout=quiet, stderr=quiet))
            stack.callback(process.terminate)
        from distributed import Client  # noqa: PLC0415 - slow, and only here

        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield {"scheduler": address}


def main(name: str, folder: Path) -> None:
    """Run one way, and print its rows a second and the most memory that its process held."""
    cores, workers, work = WAYS[name]
    with _cluster(workers) as told:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
        pa.set_cpu_count(cores)
        started = time.perf_counter()
        rows = work(folder, **told)
        seconds = time.perf_counter() - started
    shutil.rmtree(folder / "out", ignore_errors=True)
    print(json.dumps({"rows_per_second": rows / seconds, "megabytes": _most_memory() / 1000}))


def _most_memory() -> int:
    """The most memory that this process held at a time, in kB; what getrusage tells begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
