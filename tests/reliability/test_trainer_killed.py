"""A trainer that is killed at any moment leaves the old artifact or the new one, and never a half.

``make test.reliability``. tests/oncology_model kills the writing at each of its steps; here the whole trainer dies.
"""

from __future__ import annotations

import collections
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oncology_model import artifact

pytestmark = pytest.mark.reliability

DATA = Path(__file__).parents[2] / "data" / "breast_cancer.csv"
QUICK = [
    *("--folds=2", "--repeats=1", "--inner-folds=2", "--inner-repeats=1"),
    *("--arrivals=600,99", "--jobs=1", "--min-specificity=0.8"),
]

ANYWHERE, AT_THE_END = 3, 10
# How long after its last word before the artifact.
WRITING_SECONDS = 0.006


def start(output: Path, reports: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "trainer", *QUICK, f"--data={DATA}", f"--output={output}", f"--reports={reports}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def trained(output: Path, reports: Path) -> str:
    """The digest of what a trainer writes that nobody kills."""
    with start(output, reports) as trainer:
        trainer.communicate()
    assert trainer.returncode == 0
    return artifact.read(output).digest


def wait_for_the_report(trainer: subprocess.Popen[str]) -> None:
    assert trainer.stdout
    assert any("report.html" in line for line in trainer.stdout)


def test_a_killed_trainer_leaves_the_old_artifact_or_the_new_one(artifact_directory: Path, tmp_path: Path) -> None:
    moments = random.Random(0)  # noqa: S311 - no secret
    began = time.monotonic()
    new = trained(tmp_path / "new", tmp_path)
    duration = time.monotonic() - began
    old = artifact.read(artifact_directory).digest
    left: collections.Counter[str] = collections.Counter()
    for number in range(ANYWHERE + AT_THE_END):
        output = shutil.copytree(artifact_directory, tmp_path / f"killed {number}")
        with start(output, tmp_path) as trainer:
            if number < ANYWHERE:
                time.sleep(moments.uniform(0, duration))
            else:
                wait_for_the_report(trainer)
                time.sleep(moments.uniform(0, WRITING_SECONDS))
            trainer.kill()
        left[{old: "the old", new: "the new"}[artifact.read(output).digest]] += 1
        if (output / artifact.NEXT_MODEL_FILE).exists() or len(list(output.iterdir())) > 2:
            left["in the middle of it"] += 1
    print(f"\nkilled at {ANYWHERE + AT_THE_END} moments: {dict(left)}")
    assert left["the old"]
    assert trained(output, tmp_path) == new, "what the killed ones left stops no other"
