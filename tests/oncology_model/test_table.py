"""Tables of tumours: what is accepted, and how what is wrong is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncology_model import FEATURES, Classifier, Tumor, csv_table
from oncology_model.csv_table import CsvError
from oncology_model.grades import draw
from oncology_model.table import NO_GRADE, as_table, from_columns

HEADER = ",".join(FEATURES)


def tumours(codes):
    return [dict(zip(FEATURES, (grade or None for grade in row), strict=True)) for row in codes.tolist()]


@given(st.integers(0, 30), st.integers(0, 100))
def test_objects_columns_and_csv_of_the_same_tumours_are_the_same_table(count, seed):
    codes = draw(count, seed)
    text = "\n".join([HEADER, *(",".join(map(str, row)).replace(",0,", ",?,") for row in codes.tolist())])
    tables = [
        as_table(tumours(codes)),
        from_columns(bytes(column.tolist()) for column in codes.T),
        csv_table.parse(text.encode()).tumors,
    ]
    for table in tables:
        assert table.errors == {}
        assert np.array_equal(table.matrix, codes)


def test_wrong_rows_are_told_and_the_others_can_still_be_assessed(artifact_directory):
    good = tumours(draw(2, seed=0))
    table = as_table([good[0], good[1] | {"mitoses": 11}, 4])
    assert table.errors.keys() == {1, 2}
    assert table.errors[1] == {"mitoses": "must be an integer from 1 to 10"}
    classifier = Classifier(artifact_directory)
    found = classifier.assess_many(table.matrix).probability
    assert found[0] == classifier.assess(Tumor(**good[0])).probability


def test_wrong_codes_are_told_by_row_and_measurement():
    columns = [bytes([1, 1, 1])] * 8 + [bytes([1, NO_GRADE, 0])]
    table = from_columns(columns)
    message = "must be an integer from 1 to 10"
    assert table.errors == {1: {"mitoses": message}, 2: {"mitoses": message}}
    assert table.matrix[1:].tolist() == [[1] * 9] * 2


def test_a_missing_measurement_is_called_as_it_is_written():
    (errors,) = csv_table.parse(f"{HEADER}\n1,1,1,1,1,x,1,1,1".encode()).tumors.errors.values()
    assert errors == {"bare_nuclei": "must be an integer from 1 to 10 or empty"}


@pytest.mark.parametrize("text", ["1.0", "01", "+1", "٣", "1e0", "0", "11", "NA"])
def test_only_a_plain_grade_is_a_grade(text):
    table = csv_table.parse(f"{HEADER}\n1,1,1,1,1,1,1,1,{text}".encode()).tumors
    assert table.errors.keys() == {0}


def test_a_table_keeps_what_was_written():
    table = csv_table.parse(f'name,{HEADER}\n" a,\n""b""",1, 2 ,1,1,1,1,1,1,1\n\n'.encode())
    assert table.header == ["name", *FEATURES]
    assert table.rows == [[' a,\n"b"', "1", " 2 ", *"1111111"]]
    assert table.tumors.matrix[0, 1] == 2


def test_more_rows_than_wanted_are_no_table():
    text = (HEADER + "\n1,1,1,1,1,1,1,1,1" * 3).encode()
    assert csv_table.parse(text, most_rows=2) is None
    assert len(csv_table.parse(text, most_rows=3).rows) == 3


def test_many_short_rows_are_told_by_the_first_twenty():
    with pytest.raises(CsvError, match=r"row 0, 1, .*, 19 and 5 more$"):
        csv_table.parse((HEADER + "\n1" * 25).encode())
