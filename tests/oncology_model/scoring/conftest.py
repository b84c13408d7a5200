"""What the tests of scoring share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from oncology_model import FEATURES
from oncology_model.commands import main

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ",".join(("id", *FEATURES))
BENIGN = "4,1,2,1,2,1,1,1,1"
MALIGNANT = "8,10,10,8,7,10,9,7,1"


@pytest.fixture
def score(artifact_directory: Path, capsys: pytest.CaptureFixture[str]):
    """Runs ``oncology score``; gives its exit status, its answer, and its message where it failed."""

    def run(*arguments: object) -> tuple[int, dict[str, Any], str]:
        status = main(["score", *map(str, arguments), "--model", str(artifact_directory), "--json"])
        out, err = capsys.readouterr()
        return status, json.loads(out) if out else {}, err

    return run


@pytest.fixture
def refused(score, tmp_path: Path):
    """Scores what must be refused, and gives the one line that says why."""

    def run(source: Path, *arguments: object, to: str = "out.csv") -> str:
        target = tmp_path / "scored" / to
        status, answer, message = score(source, target, *arguments)
        assert (status, answer) == (4, {})
        assert message.count("\n") == 1
        assert [path for path in target.parent.rglob("*") if path.is_file()] == []
        return message

    return run
