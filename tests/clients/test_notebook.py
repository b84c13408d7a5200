"""The notebook runs from a clone, and is kept without what running it leaves behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nbformat
import pytest

from tests.servers import BIN

pytestmark = pytest.mark.clients

TOUR = Path(__file__).parents[2] / "docs" / "tour.ipynb"


def read() -> nbformat.NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def test_the_tour_trains_explains_and_asks_the_service(tmp_path: Path) -> None:
    # In a process of its own: its event loop does not bear another one's, such as a browser's.
    executed = tmp_path / "executed.ipynb"
    command = [BIN / "jupyter-execute", TOUR, "--kernel_name=python3", f"--output={executed}"]
    subprocess.run(command, cwd=TOUR.parent, check=True, timeout=300)
    tour = nbformat.read(executed, as_version=4)
    answer, problem = [
        output["data"]["text/plain"]
        for cell in tour.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "execute_result"
    ][-2:]
    assert "'prediction': 'malignant'" in answer
    assert "'mitoses'" in problem


def test_the_tour_is_kept_without_outputs() -> None:
    tour = read()
    nbformat.validate(tour)
    code = [cell for cell in tour.cells if cell["cell_type"] == "code"]
    assert all((cell["outputs"], cell["execution_count"]) == ([], None) for cell in code)
