"""``oncology`` as people and scripts use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from oncology_model import Classifier, Tumor, artifact
from oncology_model.commands import main

GRADES = ("4", "1", "2", "1", "2", "1", "1", "1", "1")


@pytest.fixture
def predict(artifact_directory: Path, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["predict", "--model", str(artifact_directory), *arguments])
        return status, *capsys.readouterr()

    return run


def test_predict_tells_class_probability_threshold_and_version(predict):
    status, out, _ = predict(*GRADES)
    assert status == 0
    assert [line.split()[:2] for line in out.splitlines()][0::2] == [["prediction", "benign"], ["model", "0.0.1"]]
    assert "malignant from 30.00% on" in out


def test_predict_answers_scripts_in_json_as_the_service_does(predict, artifact_directory):
    expected = Classifier(artifact_directory).assess(Tumor(4, 1, 2, 1, 2, 1, 1, 1, 1))
    _, out, _ = predict(*GRADES, "--json")
    assert json.loads(out) == {
        "prediction": "benign",
        "probability": expected.probability,
        "threshold": 0.3,
        "model_version": "0.0.1",
    }


@pytest.mark.parametrize("mark", ["?", "-"])
def test_bare_nuclei_may_be_not_measured(predict, artifact_directory, mark):
    _, out, _ = predict(*GRADES[:5], mark, *GRADES[6:], "--json")
    expected = Classifier(artifact_directory).assess(Tumor(4, 1, 2, 1, 2, None, 1, 1, 1))
    assert json.loads(out)["probability"] == expected.probability


def test_predict_explains_with_the_exact_contributions(predict, artifact_directory):
    expected = Classifier(artifact_directory).assess(Tumor(4, 1, 2, 1, 2, 1, 1, 1, 1), explain=True)
    _, out, _ = predict(*GRADES, "--explain", "--json")
    assert json.loads(out)["contributions"] == expected.contributions


def test_the_table_of_reasons_adds_up_and_begins_with_the_strongest(predict):
    _, out, _ = predict(*GRADES, "--explain")
    lines = [line.split() for line in out.splitlines()[5:]]
    *reasons, total = [float(next(cell for cell in line if cell[0] in "+-")) for line in lines]
    assert sum(reasons) == pytest.approx(total, abs=0.006)
    assert [abs(reason) for reason in reasons[1:]] == sorted(map(abs, reasons[1:]), reverse=True)


def test_every_wrong_grade_is_named_and_none_is_quoted(predict):
    status, out, err = predict("4", "1", "2", "1.5", "2", "1", "77", "?")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    for named in ("marginal_adhesion must be", "bland_chromatin must be", "normal_nucleoli must be", "mitoses is req"):
        assert named in err
    assert "77" not in err


def test_a_model_that_has_no_reasons_says_so(forest_artifact_directory, capsys):
    assert main(["predict", "--model", str(forest_artifact_directory), "--explain", *GRADES]) == 1
    assert "this model is not additive" in capsys.readouterr().err


def test_model_tells_what_it_is(artifact_directory, capsys):
    assert main(["model", "--model", str(artifact_directory)]) == 0
    out = capsys.readouterr().out
    for expected in ("0.0.1", "400 samples", artifact.read(artifact_directory).digest, "Scorecard", "bare nuclei"):
        assert expected in out


def test_model_in_json_is_the_manifest_byte_for_byte(artifact_directory, capsys):
    assert main(["model", "--model", str(artifact_directory), "--json"]) == 0
    assert capsys.readouterr().out == (artifact_directory / "manifest.json").read_text()


def test_model_shows_the_figures_of_the_evaluation(artifact_directory, tmp_path, capsys):
    found = artifact.read(artifact_directory)
    metrics = {"nested": {"repeats": 1, "roc_auc": {"value": 0.98765, "low": 0.9, "high": 1.0}}}
    artifact.write(tmp_path, found.model, found.manifest.model_copy(update={"metrics": metrics}))
    main(["model", "--model", str(tmp_path)])
    assert "roc auc  0.9877  0.9000  1.0000" in capsys.readouterr().out


def test_verify_proves_that_scorecard_and_estimator_agree(artifact_directory, capsys):
    assert main(["verify", str(artifact_directory), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["scorecard"] is True
    assert 0 <= found["largest_difference"] <= 1e-12
    assert found["digest_expected"] is False


def test_verify_tells_people_the_same(artifact_directory, capsys):
    digest = artifact.read(artifact_directory).digest
    assert main(["verify", str(artifact_directory), "--digest", digest]) == 0
    out = capsys.readouterr().out
    assert f"{digest} (as expected)" in out
    assert "as the estimator, within" in out


def test_verify_accepts_an_artifact_without_a_scorecard(forest_artifact_directory, capsys):
    assert main(["verify", str(forest_artifact_directory)]) == 0
    assert "it is served through scikit-learn" in capsys.readouterr().out


def test_verify_refuses_a_scorecard_that_says_something_else(artifact_directory, tmp_path, capsys):
    found = artifact.read(artifact_directory)
    tampered = found.manifest.scorecard.model_copy(update={"intercept": found.manifest.scorecard.intercept + 1e-6})
    artifact.write(tmp_path, found.model, found.manifest.model_copy(update={"scorecard": tampered}))
    assert main(["verify", str(tmp_path)]) == 1
    assert "contradicts itself, scorecard and estimator differ by up to" in capsys.readouterr().err


def test_verify_refuses_another_digest(artifact_directory, monkeypatch, capsys):
    monkeypatch.setenv("ONCOLOGY_MODEL_DIGEST", "0" * 64)
    assert main(["verify", str(artifact_directory)]) == 1
    assert "ONCOLOGY_MODEL_DIGEST expects" in capsys.readouterr().err


def test_an_absent_artifact_is_one_line(tmp_path, capsys):
    assert main(["verify", str(tmp_path / "absent")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", [[], ["predict"], ["model"], ["verify"]])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--help"])
    assert stopped.value.code == 0
    assert "usage: oncology" in capsys.readouterr().out


def test_it_runs_as_a_module_and_a_closed_pipe_is_no_error(artifact_directory):
    command = f"{sys.executable} -m oncology_model model --json --model {artifact_directory} | head -1"
    run = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("{\n", "")


def test_it_needs_no_learning_library_to_predict(artifact_directory):
    code = """if True:
        import sys
        from oncology_model.commands import main
        main(sys.argv[1:])
        print(sorted({"sklearn", "scipy", "pandas", "joblib", "rich"} & sys.modules.keys()))
    """
    arguments = ["predict", "--model", str(artifact_directory), *GRADES]
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
