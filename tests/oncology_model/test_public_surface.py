"""What the package offers, and what it must not drag along."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import oncology_model

if TYPE_CHECKING:
    from pathlib import Path


def test_the_public_names_are_exactly_these():
    assert oncology_model.__all__ == [
        "FEATURES",
        "ArtifactError",
        "Assessment",
        "Assessments",
        "Classifier",
        "InvalidGradesError",
        "NoExplanationError",
        "Prediction",
        "Tumor",
        "__version__",
    ]


def test_every_public_name_is_there_and_documented():
    for name in set(oncology_model.__all__) - {"FEATURES", "__version__"}:
        assert getattr(oncology_model, name).__doc__


def test_serving_from_a_scorecard_imports_no_learning_library(artifact_directory: Path):
    code = """if True:
        import sys
        from oncology_model import Classifier, Tumor
        classifier = Classifier(sys.argv[1])
        classifier.assess(Tumor(4, 1, 2, 1, 2, None, 1, 1, 1), explain=True)
        classifier.assess_many([[4, 1, 2, 1, 2, 0, 1, 1, 1]])
        print(sorted({"sklearn", "scipy", "pandas", "joblib"} & sys.modules.keys()))
    """
    run = subprocess.run([sys.executable, "-c", code, artifact_directory], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
