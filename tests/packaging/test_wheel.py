"""The wheel, installed alone into an empty environment, classifies."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]

CLASSIFY = """
import sys
from oncology_model.classifier import Classifier
from oncology_model.datamodel import Prediction, Tumor
classifier = Classifier({arguments})
assert classifier.predict(Tumor(4, 1, 2, 1, 2, 1, 1, 1, 1)) is Prediction.BENIGN
print(classifier.engine, "sklearn" in sys.modules)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", directory, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    [path] = directory.iterdir()
    return path


def environment_with(requirement, directory):
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", requirement], check=True)
    return python


def run(python, code):
    # -I: neither the working directory nor the environment may lend it this project.
    return subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.split()


def test_it_holds_the_package_its_types_and_the_artifact_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {"oncology_model/py.typed", "oncology_model/model/model.joblib", "oncology_model/model/manifest.json"} <= {
        *names
    }
    assert all(name.startswith(("oncology_model/", "oncology_model-")) for name in names)


def test_alone_it_classifies_from_the_scorecard(wheel, tmp_path):
    assert run(environment_with(str(wheel), tmp_path), CLASSIFY.format(arguments="")) == ["scorecard", "False"]


def test_with_its_extra_it_classifies_through_scikit_learn(wheel, tmp_path):
    python = environment_with(f"{wheel}[estimator]", tmp_path)
    assert run(python, CLASSIFY.format(arguments="engine='estimator'")) == ["estimator", "True"]
