"""What the trainer's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.dataset import Dataset, parse

DATA = Path(__file__).parents[2] / "data" / "breast_cancer.csv"


@pytest.fixture(scope="session")
def content() -> bytes:
    """The bundled file."""
    return DATA.read_bytes()


@pytest.fixture(scope="session")
def data(content: bytes) -> Dataset:
    """The bundled data, checked."""
    return parse(content, "the bundled data")
