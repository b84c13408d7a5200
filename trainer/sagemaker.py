"""A training job of Amazon SageMaker: ``docker run IMAGE train``, with all that it reads and writes under /opt/ml.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import storage
from oncology_model import artifact

TRAIN: Final = "train"
ROOT: Final = Path("/opt/ml")

CHANNEL: Final = "training"

# SageMaker shows so much of the file to people.
LONGEST_REASON: Final = 1024

_FAILED: Final = 1
_WRONG_OPTIONS: Final = 2
_STOPPED: Final = 128 + signal.SIGTERM

# What the job decides and not who sets hyperparameters.
_RESERVED: Final = frozenset({"data", "output", "reports", "help"})
# A tuning job adds it to what it tunes.
_TUNING: Final = "_tuning_objective_metric"
_PROGRESS_BAR: Final = "━"


class JobError(Exception):
    """The job cannot be done as it was described: the message says why."""


class _StoppedError(Exception):
    """SageMaker wants the job to end."""


def train(root: Path = ROOT) -> int:
    """Do the job, and return the exit status; where that is not 0, the reason is in ``output/failure``.

    A process of its own trains, into a folder of its own: the model's folder has a whole artifact or nothing, whenever
    the job is stopped.
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        status, reason = _train(root)
    except (JobError, storage.StorageError) as error:
        status, reason = _FAILED, str(error)
        print(reason, file=sys.stderr)
    except _StoppedError:
        status, reason = _STOPPED, "The job was stopped before there was a model."
    if status:
        _tell_failure(root / "output" / "failure", reason)
    return status


def _stop(_number: int, _frame: object) -> None:
    raise _StoppedError


def _train(root: Path) -> tuple[int, str]:
    reports = root / "output" / "data"
    with TemporaryDirectory() as folder:
        places = ["--data", str(_data(root)), "--output", folder, "--reports", str(reports)]
        status, reason = _run([*places, *_hyperparameters(root)])
        _tell_metrics(reports / "metrics.json")
        if status:
            return status, reason
        made = artifact.read(Path(folder))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the artifact is there, and is written in a moment
        storage.write_artifact(str(root / "model"), made.model, made.manifest)
        return 0, ""


def _data(root: Path) -> Path:
    """The one file of the channel ``training``, or of the only channel."""
    folder = root / "input" / "data"
    channels = {path.name: path for path in sorted(folder.glob("*")) if path.is_dir()}
    if CHANNEL not in channels and len(channels) != 1:
        found = f"there are {', '.join(channels)}" if channels else "there is none"
        raise JobError(f"One channel is needed, or one called {CHANNEL}, and {found}.")
    name = CHANNEL if CHANNEL in channels else next(iter(channels))
    files = [path for path in sorted(channels[name].rglob("*")) if path.is_file()]
    if len(files) != 1:
        raise JobError(f"The channel {name} must have one CSV file, and has {len(files)} files.")
    return files[0]


def _hyperparameters(root: Path) -> list[str]:
    """The hyperparameters as options of the trainer's command line."""
    path = root / "input" / "config" / "hyperparameters.json"
    try:
        given = json.loads(path.read_bytes()) if path.exists() else {}
    except ValueError as error:
        raise JobError(f"{path} is not JSON.") from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise JobError(f"{path} must be an object whose values are all strings, as SageMaker writes it.")
    named = {name.replace("_", "-"): value for name, value in given.items() if name != _TUNING}
    if reserved := sorted(_RESERVED & named.keys()):
        raise JobError(f"No hyperparameters, since the job says it: {', '.join(reserved)}.")
    return [f"--{name}={value}" for name, value in named.items()]


def _run(options: list[str]) -> tuple[int, str]:
    """Run the trainer: its exit status, and what it said of its failure."""
    command = [sys.executable, "-m", "trainer", *options]
    said: list[str] = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:  # noqa: S603
        try:
            for line in process.stderr or ():
                sys.stderr.write(line)
                said.append(line)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return abs(process.returncode), _reason(process.returncode, said)


def _reason(status: int, said: list[str]) -> str:
    text = "".join(line for line in said if _PROGRESS_BAR not in line).strip()
    if status == _WRONG_OPTIONS:
        return f"Wrong hyperparameters: {text.rpartition(': error: ')[2]}"
    if not text or "Traceback (most recent call last)" in text:
        return f"The trainer ended with status {status}: the job's log says more."
    return text


def _tell_metrics(path: Path) -> None:
    """Write the figures to the log as lines ``metric nested.roc_auc=0.9931``, which metric definitions can find."""
    if not path.exists():
        return
    metrics = json.loads(path.read_bytes())
    for evaluation in ("nested", "temporal"):
        for name, figure in metrics[evaluation].items():
            if isinstance(figure, dict) and figure.get("value") is not None:
                print(f"metric {evaluation}.{name}={figure['value']:.6f}", flush=True)


def _tell_failure(path: Path, reason: str) -> None:
    shortened = reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"
    try:
        storage.write(str(path), shortened.encode())
    except storage.StorageError as error:
        print(error, file=sys.stderr)
