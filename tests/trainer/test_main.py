"""``python -m trainer`` as its user sees it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from oncology_model import Classifier, Prediction, Tumor
from oncology_model.artifact import read
from trainer.__main__ import main
from trainer.options import arrivals
from trainer.product import make
from trainer.selection import Selection

# The smallest procedure that is still the whole one.
QUICK = [
    *("--folds", "2", "--repeats", "1", "--inner-folds", "2", "--inner-repeats", "1"),
    *("--arrivals", "600,99", "--jobs", "1", "--min-specificity", "0.8"),
]


def train(data, output, *options):
    command = [sys.executable, "-m", "trainer", "--data", data, "--output", output, *QUICK, *options]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def data_file(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("data") / "tumours.csv"
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data_file):
    output = tmp_path_factory.mktemp("trained")
    finished = train(data_file, output)
    assert finished.returncode == 0, finished.stderr
    return output, finished


def digests(directory):
    return {
        name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in ("model.joblib", "manifest.json")
    }


def test_it_writes_an_artifact_that_classifies(trained):
    output, _ = trained
    classifier = Classifier(output)
    assert classifier.engine == "scorecard"
    assert classifier.predict(Tumor(4, 1, 2, 1, 2, 1, 1, 1, 1)) is Prediction.BENIGN
    assert classifier.predict(Tumor(8, 10, 10, 8, 7, 10, 9, 7, 1)) is Prediction.MALIGNANT


def test_it_tells_candidates_figures_version_and_digest(trained):
    output, finished = trained
    artifact = read(output)
    for expected in ("Candidates", "sensitivity", "chosen", artifact.manifest.model_version):
        assert expected in finished.stdout
    assert artifact.digest in finished.stdout.replace("\n", "")


def test_the_same_data_and_options_give_the_same_bytes_in_another_process(trained, data_file, tmp_path):
    output, _ = trained
    assert train(data_file, tmp_path).returncode == 0
    assert digests(tmp_path) == digests(output)
    assert (tmp_path / "report.html").read_bytes() == (output / "report.html").read_bytes()


def test_the_metrics_are_those_of_the_manifest_and_the_time_it_took(trained):
    output, _ = trained
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics.pop("training_seconds") > 0
    assert metrics == read(output).manifest.metrics
    assert {"nested", "temporal", "candidates", "chosen", "threshold"} <= metrics.keys()


def test_the_report_stands_beside_the_metrics(trained):
    output, finished = trained
    page = (output / "report.html").read_text()
    assert read(output).digest in page
    assert f"Wrote {output}/report.html" in finished.stdout


def test_a_closed_gate_keeps_the_metrics_and_the_old_artifact(trained, data_file, tmp_path):
    output, _ = trained
    for name in ("model.joblib", "manifest.json"):
        (tmp_path / name).write_bytes((output / name).read_bytes())
    finished = train(data_file, tmp_path, "--max-brier-score", "0.0001", "--seed", "1")
    assert finished.returncode == 4
    assert "The quality gate is closed: brier_score is" in finished.stderr
    assert digests(tmp_path) == digests(output)
    assert (tmp_path / "metrics.json").exists()
    assert "brier_score is" in (tmp_path / "report.html").read_text()


def test_wrong_data_are_refused_with_status_3_and_nothing_is_written(content, tmp_path):
    damaged = tmp_path / "tumours.csv"
    damaged.write_bytes(content.replace(b"1000025,5,", b"1000025,50,"))
    finished = train(damaged, tmp_path / "output")
    assert finished.returncode == 3
    assert "line 2: clump_thickness is not a grade from 1 to 10, but a number out of range" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "output").exists()


def test_absent_data_are_named_in_one_line(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "absent.csv"), "--output", str(tmp_path)]) == 1
    assert "absent.csv: No such file or directory" in capsys.readouterr().err.replace("\n", "")


def test_arrival_groups_of_another_size_are_refused(data_file, tmp_path, capsys):
    status = main(["--data", str(data_file), "--output", str(tmp_path), "--arrivals", "1,2"])
    assert status == 2
    assert "the groups have 3 samples together, and the data have 699" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize("option", [("--folds", "1"), ("--target-sensitivity", "0"), ("--arrivals", "5")])
def test_a_wrong_option_is_refused(option, data_file, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(data_file), "--output", str(tmp_path), *option])
    assert stopped.value.code == 2
    assert option[0] in capsys.readouterr().err


def test_help_does_not_wait_for_the_plotting_library():
    code = "import sys; from trainer.__main__ import main; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_help_says_every_exit_status(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "exit status: 0 trained; 1" in capsys.readouterr().out


def test_data_of_another_size_arrived_in_eight_equal_groups():
    assert arrivals(None, 83) == (11, 11, 11, 10, 10, 10, 10, 10)


def test_an_estimator_that_is_not_additive_is_shipped_without_a_scorecard(data):
    from trainer.candidates import candidates  # noqa: PLC0415

    trees = next(candidate for candidate in candidates(seed=0) if candidate.family == "extra trees")
    product = make(data, Selection(trees, 0.3, []), {}, "1.2.3")
    assert product.manifest.scorecard is None
    assert product.not_additive
    assert product.manifest.model_version == "1.2.3"
