"""The estimator is scikit-learn's own: built by the version that wrote it, and without this project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

from oncology_model import Classifier, Tumor, artifact
from oncology_model.artifact import ArtifactError
from oncology_model.datamodel import FEATURES

TUMOR = Tumor(4, 1, 2, 1, 2, None, 1, 1, 1)


@pytest.fixture
def directory(artifact_directory: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(artifact_directory, tmp_path / "artifact"))


def rewrite(directory: Path, model: bytes | None = None, written_by: str | None = None) -> None:
    """Write the artifact anew, whole and valid, with another model or writer."""
    old = artifact.read(directory)
    model = old.model if model is None else model
    versions = old.manifest.versions | ({"scikit-learn": written_by} if written_by else {})
    changes = {"model_sha256": artifact.sha256(model), "versions": versions}
    artifact.write(directory, model, old.manifest.model_copy(update=changes))


def refusal(directory: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        Classifier(directory, engine="estimator")
    return str(caught.value)


def uninstall(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def version_of(name: str) -> str:
        if name == package:
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("oncology_model.estimator.version", version_of)


def test_the_estimator_needs_nothing_of_this_project(artifact_directory: Path, tmp_path: Path):
    code = """if True:
        import importlib.util, sys
        import joblib, pandas
        assert importlib.util.find_spec("oncology_model") is None
        path, *features = sys.argv[1:]
        estimator = joblib.load(path)
        tumors = pandas.DataFrame([[4, 1, 2, 1, 2, float("nan"), 1, 1, 1], [9] * 9], columns=features)
        print(*estimator.predict(tumors), *estimator.predict_proba(tumors)[:, 1])
    """
    command = [sys.executable, "-I", "-c", code, artifact_directory / "model.joblib", *FEATURES]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assessed = Classifier(artifact_directory).assess_many([[4, 1, 2, 1, 2, 0, 1, 1, 1], [9] * 9])
    np.testing.assert_allclose(np.array(run.stdout.split(), float), [0, 1, *assessed.probability], rtol=0, atol=1e-12)


@pytest.mark.parametrize("wrote", ["1.8.2", "1.10.0", "2.9.1", "0.24"])
def test_another_minor_release_of_scikit_learn_is_refused(directory: Path, wrote: str):
    rewrite(directory, written_by=wrote)
    found, minor = version("scikit-learn"), ".".join(wrote.split(".")[:2])
    assert refusal(directory) == (
        f"{directory} was written by scikit-learn {wrote} and this is {found}, which may read it wrongly: "
        f"install scikit-learn {minor}, or train again with {found}"
    )


def test_another_patch_release_of_scikit_learn_is_read_without_a_word(directory: Path):
    current, other = version("scikit-learn").encode(), b"1.9.7"
    model = artifact.read(directory).model
    assert current in model
    rewrite(directory, model=model.replace(current, other), written_by=other.decode())
    assert Classifier(directory, engine="estimator").predict(TUMOR) is Classifier(directory).predict(TUMOR)


@pytest.mark.parametrize("package", ["scikit-learn", "pandas"])
def test_a_missing_library_is_named_with_what_to_do(directory: Path, package: str, monkeypatch: pytest.MonkeyPatch):
    uninstall(package, monkeypatch)
    minor = ".".join(version("scikit-learn").split(".")[:2])
    assert refusal(directory) == (
        f"{directory} needs scikit-learn {minor} and pandas, and {package} is not installed: "
        "pip install 'oncology-model[estimator]', or use the scorecard engine"
    )


def test_the_scorecard_is_not_advised_where_there_is_none(
    forest_artifact_directory: Path, monkeypatch: pytest.MonkeyPatch
):
    uninstall("scikit-learn", monkeypatch)
    assert refusal(forest_artifact_directory).endswith("pip install 'oncology-model[estimator]'")


def test_a_scorecard_serves_whatever_scikit_learn_is_there(directory: Path, monkeypatch: pytest.MonkeyPatch):
    rewrite(directory, written_by="0.24")
    uninstall("scikit-learn", monkeypatch)
    assert Classifier(directory).engine == "scorecard"


def test_a_model_that_cannot_be_built_is_refused_with_what_wrote_it(directory: Path):
    rewrite(directory, model=b"no pickle")
    message = refusal(directory)
    assert message.startswith(f"the estimator in {directory} cannot be built (")
    assert f"install what wrote it (python {sys.version.split()[0]}, scikit-learn {version('scikit-learn')}" in message
