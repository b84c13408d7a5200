"""The examples in the README, as they stand there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import httpx
import pytest

from tests.clients.tools import run

pytestmark = pytest.mark.clients

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(bash|python|javascript|java)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
FILES = {
    "bash": ("example.sh", ["bash", "-eu"]),
    "python": ("example.py", [sys.executable]),
    "javascript": ("example.mjs", ["node"]),
    "java": ("Example.java", ["java"]),
}
SERVICE = "http://localhost:8080"


def test_there_are_examples_in_all_these_languages() -> None:
    assert {language for language, _ in EXAMPLES} == FILES.keys()


@pytest.mark.parametrize(("language", "example"), EXAMPLES, ids=[language for language, _ in EXAMPLES])
def test_an_example_runs_as_it_stands(address: str, tmp_path: Path, language: str, example: str) -> None:
    name, command = FILES[language]
    (tmp_path / name).write_text(example.replace(SERVICE, address), encoding="utf-8")
    assert "benign" in run([*command, name], tmp_path).lower()


def test_the_answer_that_is_shown_is_of_the_form_of_the_real_one(address: str) -> None:
    curl = next(example for language, example in EXAMPLES if language == "bash")
    (sent,) = re.findall(r"'(\{.*?\})'", curl, re.DOTALL)
    (shown,) = re.findall(r"^```json\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    answer = httpx.post(f"{address}/predict", json=json.loads(sent)).json()
    assert list(json.loads(shown)) == list(answer)
    assert {name: type(value) for name, value in json.loads(shown).items()} == {
        name: type(value) for name, value in answer.items()
    }
    assert json.loads(shown)["prediction"] == answer["prediction"]
