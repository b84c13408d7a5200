"""``python -m trainer train``: a training job of Amazon SageMaker."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oncology_model import Classifier
from trainer import sagemaker

QUICK = {
    **dict.fromkeys(["folds", "inner_folds"], "2"),
    **dict.fromkeys(["repeats", "inner-repeats", "jobs"], "1"),
    "arrivals": "600,99",
    "min_specificity": "0.8",
    "_tuning_objective_metric": "nested.roc_auc",
}
JOB = "import sys, pathlib; from trainer import sagemaker; sys.exit(sagemaker.train(pathlib.Path(sys.argv[1])))"
DOCS = Path(__file__).parents[2] / "docs" / "managed.md"


@pytest.fixture
def job(tmp_path, content):
    """The folder of a job that is described as it should be."""
    (tmp_path / "input" / "config").mkdir(parents=True)
    (tmp_path / "input" / "data" / "training" / "2026").mkdir(parents=True)
    (tmp_path / "input" / "data" / "training" / "2026" / "tumours.csv").write_bytes(content)
    describe(tmp_path, QUICK)
    for folder in ("model", "output"):
        (tmp_path / folder).mkdir()
    return tmp_path


def describe(job, hyperparameters):
    (job / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))


def run(job):
    return subprocess.run([sys.executable, "-c", JOB, str(job)], capture_output=True, text=True, check=False)


def refusal(job):
    """Why a job was refused, having written nothing else."""
    finished = run(job)
    assert finished.returncode != 0
    assert "Traceback" not in finished.stderr
    assert list((job / "model").iterdir()) == []
    return (job / "output" / "failure").read_text()


def test_a_job_writes_artifact_metrics_and_lines_that_the_documented_expressions_find(job):
    finished = run(job)
    assert finished.returncode == 0, finished.stderr
    assert sorted(path.name for path in (job / "model").iterdir()) == ["manifest.json", "model.joblib"]
    assert Classifier(job / "model").manifest.model_version
    metrics = json.loads((job / "output" / "data" / "metrics.json").read_text())
    assert not (job / "output" / "failure").exists()
    definitions = dict(re.findall(r'"Name": "(nested\.[a-z_]+)", "Regex": "([^"]+)"', DOCS.read_text()))
    assert len(definitions) >= 5
    for name, expression in definitions.items():
        (found,) = re.findall(expression.replace("\\\\", "\\"), finished.stdout)
        assert float(found) == pytest.approx(metrics["nested"][name.removeprefix("nested.")]["value"], abs=1e-6)


def test_a_channel_of_another_name_will_do_if_it_is_the_only_one(job):
    (job / "input" / "data" / "training").rename(job / "input" / "data" / "tumours")
    assert sagemaker._data(job).name == "tumours.csv"


def test_of_several_channels_training_is_meant(job):
    (job / "input" / "data" / "validation").mkdir()
    assert sagemaker._data(job).parent.parent.name == "training"


def test_two_channels_of_other_names_are_refused(job):
    (job / "input" / "data" / "training").rename(job / "input" / "data" / "first")
    (job / "input" / "data" / "second").mkdir()
    assert refusal(job) == "One channel is needed, or one called training, and there are first, second."


def test_a_channel_of_two_files_is_refused(job):
    (job / "input" / "data" / "training" / "more.csv").touch()
    assert refusal(job) == "The channel training must have one CSV file, and has 2 files."


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"depth": "3", "trees": "5"}, "Wrong hyperparameters: unrecognized arguments: --depth=3 --trees=5"),
        ({"folds": "ten"}, "Wrong hyperparameters: argument --folds: invalid integer value: 'ten'"),
        ({"folds": 10}, "must be an object whose values are all strings"),
        (["folds"], "must be an object whose values are all strings"),
        ({"data": "s3://elsewhere/data.csv"}, "No hyperparameters, since the job says it: data."),
    ],
)
def test_wrong_hyperparameters_are_named(job, hyperparameters, reason):
    describe(job, hyperparameters)
    assert reason in refusal(job)


def test_wrong_data_are_told_in_at_most_so_many_characters(job, content):
    lines = content.decode().splitlines()
    wrong = [",".join([*line.split(",")[:-1], str(row)]) for row, line in enumerate(lines[1:], start=5)]
    (job / "input/data/training/2026/tumours.csv").write_text("\n".join([lines[0] + ",x" * 300, *wrong]))
    reason = refusal(job)
    assert "cannot be trained on:" in reason
    assert len(reason) <= 1024


def test_a_closed_gate_is_told_and_its_metrics_are_kept(job):
    describe(job, QUICK | {"max_brier_score": "0.0001"})
    assert refusal(job).startswith("The quality gate is closed: brier_score is")
    assert (job / "output" / "data" / "metrics.json").exists()


def test_a_job_that_is_stopped_leaves_nothing_half_written(job):
    describe(job, {})
    with subprocess.Popen([sys.executable, "-c", JOB, str(job)], stderr=subprocess.DEVNULL) as process:
        time.sleep(3)  # into the training, or before it: it must not matter
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 143
    assert list((job / "model").iterdir()) == []
    assert (job / "output" / "failure").read_text() == "The job was stopped before there was a model."
