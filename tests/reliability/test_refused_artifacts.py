"""Artifacts that a service must not start with, each refused by one line and an exit status.

``make test.reliability``; tests/oncology_model/test_artifact.py has every way in which one can be wrong.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from oncology_model import artifact
from tests.webservice.processes import GRANIAN, SERVE, failure

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.reliability


def edit_manifest(directory: Path, **changes: Any) -> None:
    path = directory / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def half_write(directory: Path, _other: Path) -> None:
    """As a copy that was cut short leaves it: the manifest came first."""
    truncate(directory / "model.joblib")
    (directory / "model.joblib").rename(directory / "model.joblib.next")


def sign_again(directory: Path, other: Path) -> None:
    """Another model, and a manifest that says it is right: all that whoever may write there needs."""
    model = (other / "model.joblib").read_bytes()
    (directory / "model.joblib").write_bytes(model)
    edit_manifest(directory, model_sha256=artifact.sha256(model))


REFUSED: dict[str, tuple[Callable[[Path, Path], object], str, str]] = {
    "half written": (half_write, "model.joblib", "cannot be read (No such file or directory)"),
    "model truncated": (lambda mine, _: truncate(mine / "model.joblib"), "model.joblib", "has the SHA-256"),
    "manifest truncated": (lambda mine, _: truncate(mine / "manifest.json"), "manifest.json", "is not JSON"),
    "model swapped": (
        lambda mine, other: shutil.copy(other / "model.joblib", mine),
        "model.joblib",
        "has the SHA-256",
    ),
    "manifest swapped": (
        lambda mine, other: shutil.copy(other / "manifest.json", mine),
        "manifest.json",
        "has the SHA-256",
    ),
    "signed again by nobody": (sign_again, "manifest.json", "has the SHA-256"),
    "of another format": (
        lambda mine, _: edit_manifest(mine, format_version=2),
        "manifest.json",
        "has the format version 2",
    ),
}
WITH_DIGEST = {"manifest swapped", "signed again by nobody"}


@pytest.mark.parametrize("command", [SERVE, GRANIAN], ids=["gunicorn", "granian"])
@pytest.mark.parametrize("wrong", REFUSED)
def test_a_wrong_artifact_is_refused_at_start(
    artifact_directory: Path, forest_artifact_directory: Path, tmp_path: Path, wrong: str, command: list[str]
) -> None:
    spoil, file, reason = REFUSED[wrong]
    directory = Path(shutil.copytree(artifact_directory, tmp_path / "artifact"))
    meant = {"ONCOLOGY_MODEL_DIGEST": artifact.read(directory).digest} if wrong in WITH_DIGEST else {}
    spoil(directory, forest_artifact_directory)
    status, message = failure(directory, command, **meant)
    assert status == 3
    assert message.startswith(f"oncology: {directory / file} {reason}")
    assert message.count("\n") == 1


def test_an_estimator_of_another_scikit_learn_is_refused_at_start(
    forest_artifact_directory: Path, tmp_path: Path
) -> None:
    directory = Path(shutil.copytree(forest_artifact_directory, tmp_path / "artifact"))
    edit_manifest(directory, versions=artifact.read(directory).manifest.versions | {"scikit-learn": "1.8.2"})
    status, message = failure(directory, SERVE)
    assert status == 3
    assert message.startswith(f"oncology: {directory} was written by scikit-learn 1.8.2 and this is ")
    assert message.count("\n") == 1
