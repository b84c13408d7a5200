"""Clients that generators make from /openapi.json: they are typed, and they work."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from oncology_model import FEATURES
from tests.clients.tools import run

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent


def test_a_typescript_client_compiles_and_is_answered(address: str, tmp_path: Path) -> None:
    shutil.copytree(HERE / "typescript", tmp_path, dirs_exist_ok=True)
    run(["npm", "ci"], tmp_path)
    run(["npx", "openapi-typescript", f"{address}/openapi.json", "--output", "service.d.ts"], tmp_path)
    run(["npx", "tsc"], tmp_path)
    check(run(["node", "client.js", address], tmp_path))


def test_a_python_client_is_answered(address: str, tmp_path: Path) -> None:
    shutil.copytree(HERE / "python", tmp_path, dirs_exist_ok=True)
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    options = ["--config", "config.yaml", "--meta", "none", "--output-path", "oncology_client"]
    run([generator, "generate", "--url", f"{address}/openapi.json", *options], tmp_path)
    check(run([sys.executable, "client.py", address], tmp_path))


def check(printed: str) -> None:
    """Both clients print what the service answered to one good and one wrong request."""
    told = json.loads(printed)
    assert told["prediction"] == "benign"
    assert set(told["contributions"]) == {"intercept", *FEATURES}
    assert told["status"] == 422
    assert told["errors"] == [{"field": "mitoses", "message": "must be an integer from 1 to 10"}]
