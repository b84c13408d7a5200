"""The notebook runs from a clone, and is kept without what running it leaves behind."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.clients

TOUR = Path(__file__).parents[2] / "docs" / "tour.ipynb"


def read() -> nbformat.NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def test_the_tour_trains_explains_and_asks_the_service() -> None:
    tour = read()
    NotebookClient(tour, timeout=300, kernel_name="python3", resources={"metadata": {"path": TOUR.parent}}).execute()
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
