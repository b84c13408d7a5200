"""An artifact is whole, known, and the one that was meant, or it is refused before anything is built from it."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from oncology_model import artifact
from oncology_model.artifact import Artifact, ArtifactError
from oncology_model.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from oncology_model.manifest import Manifest


@pytest.fixture
def directory(artifact_directory: Path, tmp_path: Path) -> Path:
    """An artifact of the test's own, to damage."""
    return Path(shutil.copytree(artifact_directory, tmp_path / "artifact"))


class Bomb:
    """Goes off where it is unpickled: a file appears."""

    def __init__(self, crater: Path) -> None:
        self.crater = crater

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.crater,)


@pytest.fixture
def crater(tmp_path: Path) -> Path:
    return tmp_path / "crater"


@pytest.fixture
def bomb(crater: Path) -> bytes:
    return pickle.dumps(Bomb(crater))


def manifest_for(model: bytes, manifest: Manifest, **changes: Any) -> Manifest:
    return manifest.model_copy(update={"model_sha256": artifact.sha256(model), **changes})


def edit_manifest(directory: Path, **changes: Any) -> None:
    path = directory / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refusal(directory: Path, **options: Any) -> str:
    with pytest.raises(ArtifactError) as caught:
        Classifier(directory, engine="estimator", **options)
    return str(caught.value)


def test_what_was_written_is_read(directory: Path, tmp_path: Path):
    old = artifact.read(directory)
    digest = artifact.write(tmp_path / "a" / "new" / "folder", old.model, old.manifest)
    new = artifact.read(tmp_path / "a" / "new" / "folder", digest)
    assert (new.manifest, new.digest, new.model) == (old.manifest, old.digest, old.model)


def test_the_same_artifact_is_the_same_bytes(directory: Path, tmp_path: Path):
    old = artifact.read(directory)
    artifact.write(tmp_path / "again", old.model, old.manifest)
    for name in ("model.joblib", "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (directory / name).read_bytes()


def test_an_artifact_is_two_files_that_everyone_may_read(directory: Path):
    old = artifact.read(directory)
    artifact.write(directory, old.model, old.manifest)
    modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
    assert modes == {"model.joblib": 0o644, "manifest.json": 0o644}


def test_a_figure_that_does_not_exist_is_written_as_null(directory: Path):
    old = artifact.read(directory)
    artifact.write(directory, old.model, old.manifest.model_copy(update={"metrics": {"auc": float("nan")}}))
    assert artifact.read(directory).manifest.metrics == {"auc": None}


def test_the_digest_that_is_asked_for_is_accepted_in_any_case(directory: Path):
    digest = artifact.sha256((directory / "manifest.json").read_bytes())
    assert Classifier(directory, digest=digest.upper()).digest == digest


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_another_digest_than_asked_for_is_refused(directory: Path, by: str, monkeypatch: pytest.MonkeyPatch):
    expected, found = "0" * 64, artifact.read(directory).digest
    if by == "environment":
        monkeypatch.setenv("ONCOLOGY_MODEL_DIGEST", expected)
    assert refusal(directory, digest=expected if by == "argument" else None) == (
        f"{directory}/manifest.json has the SHA-256 {found} and ONCOLOGY_MODEL_DIGEST expects {expected}: "
        "deploy the artifact that was meant, or set the digest of this one if you trust it"
    )


@pytest.mark.parametrize("name", ["manifest.json", "model.joblib"])
def test_an_artifact_without_one_of_its_files_is_refused(directory: Path, name: str):
    (directory / name).unlink()
    assert refusal(directory) == (
        f"{directory}/{name} cannot be read (No such file or directory): an artifact is expected there; "
        "`make train` writes one"
    )


def test_a_truncated_manifest_is_refused(directory: Path):
    path = directory / "manifest.json"
    path.write_bytes(path.read_bytes()[:200])
    message = refusal(directory)
    assert message.startswith(f"{path} is not JSON (")
    assert message.endswith("): it is damaged; write the artifact again")


def test_a_manifest_of_another_format_is_refused(directory: Path):
    edit_manifest(directory, format_version=2)
    assert refusal(directory) == (
        f"{directory}/manifest.json has the format version 2 and this is the reader of version 1: "
        "train again, or install the oncology-model that wrote it"
    )


@pytest.mark.parametrize("content", ["[]", "null", '"text"', "{}"])
def test_json_that_is_no_manifest_is_refused(directory: Path, content: str):
    (directory / "manifest.json").write_text(content)
    assert "has the format version None and this is the reader of version 1" in refusal(directory)


def test_a_manifest_with_a_wrong_entry_is_refused_by_its_place(directory: Path):
    edit_manifest(directory, threshold=7)
    assert refusal(directory) == (
        f"{directory}/manifest.json is not a valid manifest (threshold: Input should be less than 1): "
        "it is damaged; write the artifact again"
    )


@pytest.mark.parametrize("damage", ["truncated", "emptied", "one bit flipped", "swapped for a bomb"])
def test_a_model_that_is_not_the_manifests_is_refused_and_never_built(
    directory: Path, damage: str, bomb: bytes, crater: Path
):
    path = directory / "model.joblib"
    model = path.read_bytes()
    damaged = {
        "truncated": model[:-1],
        "emptied": b"",
        "one bit flipped": bytes([*model[:-1], model[-1] ^ 1]),
        "swapped for a bomb": bomb,
    }[damage]
    path.write_bytes(damaged)
    assert refusal(directory) == (
        f"{path} has the SHA-256 {artifact.sha256(damaged)} and manifest.json expects {artifact.sha256(model)}: "
        "the two files do not belong together; write the artifact again"
    )
    assert not crater.exists()


@pytest.mark.parametrize("changes", [{"format_version": 2}, {"threshold": 7}, {"versions": {"scikit-learn": "1.8.2"}}])
def test_nothing_is_built_from_an_artifact_that_is_refused(
    directory: Path, changes: dict[str, Any], bomb: bytes, crater: Path
):
    artifact.write(directory, bomb, manifest_for(bomb, artifact.read(directory).manifest))
    edit_manifest(directory, **changes)
    refusal(directory)
    assert not crater.exists()


def test_nothing_is_built_from_an_artifact_of_another_digest(directory: Path, bomb: bytes, crater: Path):
    artifact.write(directory, bomb, manifest_for(bomb, artifact.read(directory).manifest))
    refusal(directory, digest="0" * 64)
    assert not crater.exists()


def test_serving_from_a_scorecard_builds_nothing_even_from_a_trusted_artifact(
    directory: Path, bomb: bytes, crater: Path
):
    digest = artifact.write(directory, bomb, manifest_for(bomb, artifact.read(directory).manifest))
    assert Classifier(directory, digest=digest).engine == "scorecard"
    assert not crater.exists()


def test_the_bomb_would_go_off(directory: Path, bomb: bytes, crater: Path):
    artifact.write(directory, bomb, manifest_for(bomb, artifact.read(directory).manifest))
    Classifier(directory, engine="estimator")
    assert crater.exists()


STEPS = {"mkdir", "open", "write", "flush", "fsync", "fchmod", "close", "replace", "unlink", "lstat", "mkstemp"}


def is_killed_at(step: int, action: Callable[[], object]) -> bool:
    """Run ``action`` in a child that is killed as it enters or leaves the ``step``-th call that touches files."""
    pid = os.fork()
    if pid == 0:
        calls = count(1)

        def kill_at_step(_frame: object, event: str, function: Any) -> None:
            if event in {"c_call", "c_return"} and function.__name__ in STEPS and next(calls) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(kill_at_step)
        try:
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def states_of_a_killed_write(before: Path, new: Artifact, scratch: Path) -> list[Path]:
    """A copy of ``before`` for each step at which writing ``new`` into it was killed, and one where it was not."""
    states = []
    for step in count(1):
        state = Path(shutil.copytree(before, scratch / str(step)))
        states.append(state)
        if not is_killed_at(step, lambda state=state: artifact.write(state, new.model, new.manifest)):
            return states
    raise AssertionError


@pytest.fixture
def versions(directory: Path, forest_artifact_directory: Path) -> list[Artifact]:
    """Three artifacts of which each has another manifest and another model."""
    old, forest = artifact.read(directory), artifact.read(forest_artifact_directory)
    empty = Artifact(directory, manifest_for(b"", forest.manifest), "", b"")
    return [old, forest, empty]


def test_a_write_killed_at_any_moment_leaves_the_old_artifact_or_the_new_one(
    directory: Path, versions: list[Artifact], tmp_path: Path
):
    old, new, _ = versions
    states = states_of_a_killed_write(directory, new, tmp_path / "killed")
    found = [artifact.read(state).digest for state in states]
    switch = found.index(new.digest)
    assert found == [old.digest] * switch + [new.digest] * (len(states) - switch)
    assert switch > 10, "the steps are too few to be all of them"


def test_a_reader_without_the_right_to_write_reads_a_half_moved_artifact(
    directory: Path, versions: list[Artifact], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    _, new, _ = versions
    states = states_of_a_killed_write(directory, new, tmp_path / "killed")
    half_moved = [s for s in states if is_half_moved(s)]
    assert half_moved
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError()))
    for state in half_moved:
        assert artifact.read(state).model == new.model


def is_half_moved(state: Path) -> bool:
    manifest = json.loads((state / "manifest.json").read_bytes())
    return artifact.sha256((state / "model.joblib").read_bytes()) != manifest["model_sha256"]


def test_a_write_killed_where_another_was_killed_still_leaves_one_whole(
    directory: Path, versions: list[Artifact], tmp_path: Path
):
    _, new, newer = versions
    states = states_of_a_killed_write(directory, new, tmp_path / "killed")
    half_moved = next(state for state in states if is_half_moved(state))
    again = states_of_a_killed_write(half_moved, newer, tmp_path / "killed again")
    newer_digest = artifact.write(tmp_path / "newer", newer.model, newer.manifest)
    assert {artifact.read(state).digest for state in again} == {new.digest, newer_digest}


def test_a_write_that_fails_leaves_the_old_artifact_and_no_litter(
    directory: Path, versions: list[Artifact], monkeypatch: pytest.MonkeyPatch
):
    old, new, _ = versions

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        artifact.write(directory, new.model, new.manifest)
    assert artifact.read(directory).digest == old.digest
    assert {path.name for path in directory.iterdir()} == {"model.joblib", "manifest.json"}
