"""A tumour is valid or every wrong field is named, and never its value."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from oncology_model.datamodel import FEATURES, Prediction, Tumor, field_errors, valid_values

VALID = dict(zip(FEATURES, (4, 1, 2, 1, 2, None, 1, 1, 1), strict=True))
WRONG = [
    0,
    11,
    -1,
    10**400,
    5.0,
    5.5,
    float("nan"),
    float("inf"),
    True,
    "5",
    "",
    [5],
    {"grade": 5},
    np.int8(11),
    np.float64(5),
    np.True_,
]
WRONG += [np.arange(3)]


def errors_of(*grades: Any, **named_grades: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Tumor(*grades, **named_grades)
    return field_errors(caught.value)


def test_the_measurements_are_those_of_the_data_set_in_its_order():
    assert FEATURES == (
        "clump_thickness",
        "uniformity_of_cell_size",
        "uniformity_of_cell_shape",
        "marginal_adhesion",
        "single_epithelial_cell_size",
        "bare_nuclei",
        "bland_chromatin",
        "normal_nucleoli",
        "mitoses",
    )


def test_a_tumour_is_made_by_position_by_name_or_by_both():
    assert Tumor(*VALID.values()) == Tumor(**VALID) == Tumor(4, 1, 2, **dict(list(VALID.items())[3:]))


def test_a_tumour_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Tumor(**VALID).mitoses = 2  # type: ignore[misc]


def test_equal_tumours_are_one_in_a_set():
    assert len({Tumor(**VALID), Tumor(**VALID)}) == 1


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda tumor: pickle.loads(pickle.dumps(tumor))])
def test_a_copied_tumour_is_the_same_tumour(duplicate):
    assert duplicate(Tumor(**VALID)) == Tumor(**VALID)


@given(st.tuples(*(st.integers(1, 10) for _ in FEATURES)))
def test_every_grade_from_1_to_10_is_valid_and_kept(grades: tuple[int, ...]):
    assert dataclasses.astuple(Tumor(*grades)) == grades


@pytest.mark.parametrize("integer", [np.int16, np.uint8, np.int64])
def test_the_integers_of_an_array_are_grades_too(integer: type[np.integer]):
    row = np.array([grade or 1 for grade in VALID.values()], dtype=integer)
    tumor = Tumor(*row[:5], bare_nuclei=row[5], bland_chromatin=row[6], normal_nucleoli=row[7], mitoses=row[8])
    assert tumor == Tumor(*row.tolist())
    assert {type(grade) for grade in dataclasses.astuple(tumor)} == {int}


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_what_is_no_grade_is_refused_by_name(feature: str, value: object):
    assert errors_of(**VALID | {feature: value}) == {feature: valid_values(feature)}


def test_only_bare_nuclei_may_be_missing():
    assert Tumor(**VALID).bare_nuclei is None
    assert errors_of(**dict.fromkeys(FEATURES)) == {
        feature: "must be an integer from 1 to 10" for feature in FEATURES if feature != "bare_nuclei"
    }


def test_all_wrong_fields_are_in_one_error():
    given = VALID | {"clump_thickness": 11, "bare_nuclei": "?", "mitosis": 1}
    del given["mitoses"]
    assert errors_of(**given) == {
        "clump_thickness": "must be an integer from 1 to 10",
        "bare_nuclei": "must be an integer from 1 to 10 or null",
        "mitoses": "is required",
        "mitosis": "is not a measurement",
    }


def test_a_wrong_grade_by_position_is_named_like_one_by_name():
    assert errors_of(0, *list(VALID.values())[1:]) == {"clump_thickness": "must be an integer from 1 to 10"}


def test_a_missing_last_position_is_named():
    assert errors_of(4, 1, 2, 1, 2, None, 1, 1) == {"mitoses": "is required"}


def test_bare_nuclei_must_be_given_even_where_it_is_missing():
    del (given := dict(VALID))["bare_nuclei"]
    assert errors_of(**given) == {"bare_nuclei": "is required"}


def test_a_tenth_grade_is_one_too_many():
    assert errors_of(*VALID.values(), 1) == {"9": "is one argument too many"}


def test_a_measurement_by_position_and_by_name_is_given_twice():
    assert errors_of(*VALID.values(), mitoses=1) == {"mitoses": "is given twice"}


@pytest.mark.parametrize("value", [271828, "a secret", 2.71828])
def test_no_error_tells_a_value(value: object):
    with pytest.raises(ValidationError) as caught:
        Tumor(**dict.fromkeys(FEATURES, value))
    assert str(value) not in str(caught.value)
    assert str(value) not in str(field_errors(caught.value))


def test_predictions_are_read_from_the_codes_of_the_data():
    assert [Prediction.from_class(code) for code in (2, 4)] == [Prediction.BENIGN, Prediction.MALIGNANT]


def test_predictions_are_read_from_the_codes_of_a_classifier():
    assert [Prediction.from_classifier(code) for code in (0, 1)] == [Prediction.BENIGN, Prediction.MALIGNANT]


@pytest.mark.parametrize("code", [0, 1, 3, None, "2", "benign", float("nan")])
def test_any_other_code_of_the_data_is_refused(code: object):
    with pytest.raises(ValueError, match=r"a class is coded 2 \(benign\) or 4 \(malignant\), not "):
        Prediction.from_class(code)


@pytest.mark.parametrize("code", [2, 4, -1, 0.5, None, "1", "malignant"])
def test_any_other_code_of_a_classifier_is_refused(code: object):
    with pytest.raises(ValueError, match=r"a class is coded 0 \(benign\) or 1 \(malignant\), not "):
        Prediction.from_classifier(code)


def test_predictions_are_written_in_words():
    assert [prediction.value for prediction in Prediction] == ["benign", "malignant"]
