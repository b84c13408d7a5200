"""What the trainer's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.dataset import Dataset, parse
from trainer.evaluation import Evaluation, evaluate
from trainer.metrics import summarize
from trainer.product import Product, make, with_card
from trainer.selection import Plan

DATA = Path(__file__).parents[2] / "data" / "breast_cancer.csv"


@pytest.fixture(scope="session")
def content() -> bytes:
    """The bundled file."""
    return DATA.read_bytes()


@pytest.fixture(scope="session")
def data(content: bytes) -> Dataset:
    """The bundled data, checked."""
    return parse(content, "the bundled data")


@pytest.fixture(scope="session")
def evaluation(data: Dataset) -> Evaluation:
    """The smallest that is still of the whole procedure: two folds, and three groups of arrival."""
    runs: list[int] = []
    groups = (500, 150, 49)
    plan = Plan(folds=2, repeats=1)
    found = evaluate(data, plan=plan, folds=2, repeats=1, arrivals=groups, jobs=1, advance=lambda: runs.append(1))
    assert len(runs) == 2 * 1 + len(groups)
    return found


@pytest.fixture(scope="session")
def product(data: Dataset, evaluation: Evaluation) -> Product:
    """What that evaluation's choice is shipped as, with its model card."""
    return with_card(make(data, evaluation.selection, summarize(data, evaluation, Plan())))
