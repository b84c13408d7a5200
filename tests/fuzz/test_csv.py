"""Damaged tables: the designed error or none, and never a cell's value in what it says.

``make test.fuzz``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncology_model import csv_table
from trainer import dataset

pytestmark = pytest.mark.fuzz

CONTENT = (Path(__file__).parents[2] / "data" / "breast_cancer.csv").read_bytes()[:1500]
MARK = "5150515051"

# What goes wrong with files: bytes are lost, put in, or replaced.
damages = st.lists(
    st.tuples(
        st.integers(0, len(CONTENT)),
        st.integers(0, 40),
        st.one_of(st.binary(max_size=8), st.sampled_from([b'"', b"\x00", b"\r", b",", b"\n", b"\xff", MARK.encode()])),
    ),
    max_size=6,
)


def damaged(damage: list[tuple[int, int, bytes]]) -> bytes:
    content = CONTENT
    for place, lost, put_in in damage:
        content = content[:place] + put_in + content[place + lost :]
    return content


@pytest.mark.parametrize(
    ("parse", "error"),
    [(csv_table.parse, csv_table.CsvError), (lambda content: dataset.parse(content, "data"), dataset.DatasetError)],
    ids=["the service's", "the trainer's"],
)
@settings(max_examples=2000, derandomize=True)
@given(damage=damages)
def test_a_damaged_table_is_read_or_refused_by_the_designed_error(
    parse: Callable[[bytes], object], error: type[Exception], damage: list[tuple[int, int, bytes]]
) -> None:
    said = ""
    try:
        parse(damaged(damage))
    except error as refusal:
        said = str(refusal)
    assert MARK not in said
