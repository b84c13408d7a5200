"""Tables of tumours become codes, or the cells that are no grade are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from oncology_model.datamodel import FEATURES, Tumor
from oncology_model.grades import LOWEST_CODES, InvalidGradesError, as_matrix, codes_of, decode, draw, encode

BARE_NUCLEI = FEATURES.index("bare_nuclei")
TYPES = [np.uint8, np.int8, np.int16, np.uint64, np.int64, np.float16, np.float32, np.float64]


def one_tumour(kind: type = float, **cells: float) -> np.ndarray:
    return np.array([[cells.get(feature, 5) for feature in FEATURES]], dtype=kind)


def wrong_cells(matrix: np.ndarray) -> list[tuple[int, str]]:
    with pytest.raises(InvalidGradesError) as caught:
        encode(matrix)
    assert caught.value.count == len(caught.value.cells)
    return caught.value.cells


def test_a_tumours_codes_are_its_grades_and_0_for_a_missing_one():
    assert codes_of(Tumor(4, 1, 2, 1, 2, None, 1, 1, 10)) == (4, 1, 2, 1, 2, 0, 1, 1, 10)


@pytest.mark.parametrize("kind", TYPES)
def test_grades_of_any_numeric_type_and_layout_become_the_same_codes(kind: type):
    codes = np.maximum(draw(50, seed=3), 1)
    for matrix in (codes.astype(kind), np.asfortranarray(codes, dtype=kind), codes.astype(kind)[::-1][::-1]):
        np.testing.assert_array_equal(encode(as_matrix(matrix)), codes)


@given(npst.arrays(np.int16, st.tuples(st.integers(0, 30), st.just(9)), elements=st.integers(1, 10)))
def test_codes_survive_the_estimators_form(codes: np.ndarray):
    codes[:, BARE_NUCLEI] -= codes[:, BARE_NUCLEI] == 1
    np.testing.assert_array_equal(encode(decode(codes)), codes)


def test_lists_are_taken_as_arrays():
    assert encode(as_matrix([[4, 1, 2, 1, 2, 0, 1, 1, 1]])).tolist() == [[4, 1, 2, 1, 2, 0, 1, 1, 1]]


@pytest.mark.parametrize("kind", TYPES)
def test_no_tumours_are_no_codes(kind: type):
    assert encode(as_matrix(np.empty((0, 9), dtype=kind))).shape == (0, 9)


def test_a_missing_measurement_is_0_among_integers_for_bare_nuclei_alone():
    assert encode(one_tumour(int, bare_nuclei=0))[0, BARE_NUCLEI] == 0
    assert wrong_cells(one_tumour(int, **dict.fromkeys(FEATURES, 0))) == [
        (0, feature) for feature in FEATURES if feature != "bare_nuclei"
    ]


def test_a_missing_measurement_is_nan_among_floats_for_bare_nuclei_alone():
    assert encode(one_tumour(bare_nuclei=np.nan))[0, BARE_NUCLEI] == 0
    assert wrong_cells(one_tumour(bare_nuclei=0)) == [(0, "bare_nuclei")]
    assert wrong_cells(one_tumour(mitoses=np.nan)) == [(0, "mitoses")]


@pytest.mark.parametrize("value", [0, -1, 0.5, 9.999, 10.5, 11, 65_541, 2**32 + 5, 1e300, np.inf, -np.inf])
@pytest.mark.parametrize("feature", FEATURES)
def test_floats_that_are_no_grade_are_refused(feature: str, value: float):
    assert wrong_cells(one_tumour(**{feature: value})) == [(0, feature)]


@pytest.mark.parametrize("value", [-1, 11, 65_541, 2**32 + 5, -(2**63), 2**63 - 1])
@pytest.mark.parametrize("feature", FEATURES)
def test_integers_that_are_no_grade_are_refused(feature: str, value: int):
    assert wrong_cells(one_tumour(np.int64, **{feature: value})) == [(0, feature)]


def test_wrong_cells_are_named_by_row_and_measurement_and_not_by_value():
    matrix = draw(4, seed=3).astype(float)
    matrix[1, 0], matrix[3, BARE_NUCLEI] = 271828, 3.14159
    with pytest.raises(InvalidGradesError) as caught:
        encode(matrix)
    assert str(caught.value).endswith(
        "row 1: clump_thickness must be an integer from 1 to 10; "
        "row 3: bare_nuclei must be an integer from 1 to 10 or null"
    )
    assert "271828" not in str(caught.value)
    assert "3.14" not in str(caught.value)


def test_of_a_wholly_wrong_table_the_first_hundred_cells_are_listed_and_the_rest_counted():
    with pytest.raises(InvalidGradesError) as caught:
        encode(np.full((1000, 9), 99))
    assert caught.value.count == 9000
    assert len(caught.value.cells) == 100
    assert caught.value.cells[:2] == [(0, "clump_thickness"), (0, "uniformity_of_cell_size")]
    assert str(caught.value).endswith("; and 8900 more")


@pytest.mark.parametrize("shape", [(9,), (2, 8), (2, 10), (1, 9, 1), ()])
def test_another_shape_is_refused(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"tumours must have the shape \(n, 9\), not \("):
        as_matrix(np.ones(shape, dtype=int))


@pytest.mark.parametrize("kind", [bool, str, object, complex, "datetime64[s]"])
def test_what_is_not_numeric_is_refused(kind: object):
    with pytest.raises(ValueError, match="grades must be integers or floats, not "):
        as_matrix(np.ones((2, 9), dtype=int).astype(kind))


def frame_of(codes: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(decode(codes), columns=list(FEATURES))


def test_a_frames_columns_may_stand_in_any_order_and_among_others():
    codes = draw(20, seed=3)
    shuffled = frame_of(codes)[list(reversed(FEATURES))].assign(sample_code_number="A1")
    np.testing.assert_array_equal(encode(as_matrix(shuffled)), codes)


@pytest.mark.parametrize("kind", ["Int64", "UInt8", "Float64", "int64[pyarrow]"])
def test_a_frame_may_hold_whatever_pandas_calls_missing(kind: str):
    if "pyarrow" in kind:
        pytest.importorskip("pyarrow")
    codes = draw(20, seed=3)
    np.testing.assert_array_equal(encode(as_matrix(frame_of(codes).astype(kind))), codes)


def test_every_column_that_a_frame_lacks_is_named():
    with pytest.raises(ValueError, match=r"^the table lacks the columns bare_nuclei, mitoses$"):
        as_matrix(frame_of(draw(2, seed=3)).drop(columns=["mitoses", "bare_nuclei"]))


def test_every_column_that_is_not_numeric_is_named():
    frame = frame_of(draw(2, seed=3)).assign(bare_nuclei=["?", "1"], mitoses=[True, False])
    with pytest.raises(ValueError, match=r"^the columns bare_nuclei, mitoses must be numeric$"):
        as_matrix(frame)


def test_drawn_tumours_are_valid_reach_every_code_and_depend_on_the_seed_alone():
    drawn = draw(1000, seed=3)
    np.testing.assert_array_equal(drawn.min(axis=0), LOWEST_CODES)
    np.testing.assert_array_equal(drawn.max(axis=0), 10)
    np.testing.assert_array_equal(drawn, draw(1000, seed=3))
    assert (drawn != draw(1000, seed=4)).any()
