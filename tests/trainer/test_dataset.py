"""What the trainer accepts as training data, and how it refuses the rest."""

from __future__ import annotations

import csv
import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncology_model.datamodel import FEATURES
from trainer.dataset import COLUMNS, DatasetError, parse

BENIGN = [1000, 1, 1, 1, 1, 2, 1, 3, 1, 1, 2]
MALIGNANT = [2000, 8, 10, 10, 8, 7, 10, 9, 7, 1, 4]


def as_csv(*rows, header=COLUMNS):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode()


def changed(row, **values):
    return [values.get(column, value) for column, value in zip(COLUMNS, row, strict=True)]


def problems_of(content, **options):
    with pytest.raises(DatasetError) as error:
        parse(content, "tumours.csv", **options)
    assert str(error.value).startswith("tumours.csv cannot be trained on:")
    return error.value.problems


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_columns_may_come_in_any_order(chance: random.Random):
    order = list(range(len(COLUMNS)))
    chance.shuffle(order)
    shuffled = [[row[index] for index in order] for row in (COLUMNS, BENIGN, MALIGNANT)]
    data = parse(as_csv(*shuffled[1:], header=shuffled[0]), "shuffled")
    assert data.X.to_numpy().tolist() == [BENIGN[1:-1], MALIGNANT[1:-1]]
    assert data.y.tolist() == [0, 1]


@pytest.mark.parametrize("missing", ["?", ""])
def test_a_question_mark_or_nothing_is_a_missing_measurement(missing):
    data = parse(as_csv(changed(BENIGN, bare_nuclei=missing), MALIGNANT), "file")
    assert np.isnan(data.X["bare_nuclei"].iloc[0])
    assert data.codes[0].tolist() == [1, 1, 1, 1, 2, 0, 3, 1, 1]


def test_the_distribution_counts_each_grade_after_the_missing_ones():
    data = parse(as_csv(changed(BENIGN, bare_nuclei="?"), MALIGNANT), "file")
    assert data.distribution()["bare_nuclei"] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert list(data.distribution()) == list(FEATURES)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_either_line_ending_are_fine(ending):
    text = as_csv(BENIGN, MALIGNANT).decode().replace("\r\n", ending)
    assert len(parse(text.encode("utf-8-sig"), "file").y) == 2


def test_a_missing_column_is_named_and_an_extra_and_a_renamed_one_by_their_place():
    header = [{"mitoses": "mitosis"}.get(column, column) for column in COLUMNS]
    content = as_csv([*BENIGN, 1], [*MALIGNANT, 1], header=[*header, "hospital"])
    assert problems_of(content) == [
        "the header lacks the column 'mitoses'",
        "the header's column 10 is unknown",
        "the header's column 12 is unknown",
    ]


def test_a_column_that_stands_twice_is_named():
    content = as_csv([*BENIGN, 1], header=[*COLUMNS, "mitoses"])
    assert "the header has more than once the column 'mitoses'" in problems_of(content)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("0", "a number out of range"),
        ("11", "a number out of range"),
        ("-1", "a number out of range"),
        ("2.5", "a fraction"),
        ("high", "text"),
        ("", "empty"),
        ("nan", "not a finite number"),
    ],
)
def test_a_value_that_is_no_grade_is_named_by_line_and_kind_and_never_shown(value, kind):
    [problem] = problems_of(as_csv(BENIGN, changed(MALIGNANT, mitoses=value)))
    assert problem == f"line 3: mitoses is not a grade from 1 to 10, but {kind}"


def test_an_unknown_class_is_named():
    [problem] = problems_of(as_csv(BENIGN, changed(MALIGNANT, **{"class": 3})))
    assert problem == "line 3: class is not a class: 2 (benign) or 4 (malignant), but a number out of range"


def test_a_row_cut_short_is_named():
    [problem] = problems_of(as_csv(BENIGN, MALIGNANT[:4], MALIGNANT))
    assert problem == "line 3: 4 values where the header has 11 columns"


def test_all_problems_come_at_once():
    content = as_csv(
        BENIGN[:-1], changed(BENIGN, mitoses=0), changed(BENIGN, mitoses=12), changed(BENIGN, bare_nuclei="x")
    )
    assert problems_of(content) == [
        "line 2: 10 values where the header has 11 columns",
        "lines 3, 4: mitoses is not a grade from 1 to 10, but a number out of range",
        "line 5: bare_nuclei is not a grade from 1 to 10, ? or empty, but text",
    ]


def test_a_wholly_wrong_file_does_not_become_an_endless_message():
    [problem] = problems_of(as_csv(*[changed(BENIGN, mitoses=0)] * 50))
    assert problem.startswith("lines 2, 3, 4,")
    assert "21 and 30 more: mitoses" in problem


def test_an_empty_file_is_refused():
    assert problems_of(b"") == ["it is empty: a header row and samples are expected"]


def test_a_header_without_samples_is_refused():
    assert problems_of(as_csv())[0] == "0 patients have benign samples, and at least 1 are needed"


def test_one_class_only_is_refused():
    assert problems_of(as_csv(BENIGN)) == ["0 patients have malignant samples, and at least 1 are needed"]


def test_several_samples_of_one_patient_count_as_one_patient():
    content = as_csv(BENIGN, BENIGN, MALIGNANT, changed(MALIGNANT, sample_code_number=2001))
    assert problems_of(content, least_patients=2) == ["1 patients have benign samples, and at least 2 are needed"]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused(encoding):
    content = as_csv(BENIGN, header=[*COLUMNS[:-1], "größe"]).decode().encode(encoding)
    assert problems_of(content)[0].startswith("it is not UTF-8 (byte ")


def test_an_unclosed_quote_is_refused():
    assert problems_of(as_csv(BENIGN) + b'"1,2')[0].startswith("it is not CSV (line 3: ")


@settings(max_examples=30)
@given(st.data())
def test_however_the_file_is_damaged_it_is_read_or_refused(content, data):
    start = data.draw(st.integers(0, 3000))
    damage = data.draw(st.binary(max_size=20))
    damaged = content[:start] + damage + content[start + data.draw(st.integers(0, 40)) : 4000]
    try:
        parse(damaged, "file")
    except DatasetError as error:
        assert error.problems  # noqa: PT017 - either way is fine, and another exception is not
