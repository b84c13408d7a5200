"""The list of checks says what is in the data."""

from __future__ import annotations

from tests.trainer.test_dataset import BENIGN, MALIGNANT, as_csv, changed
from trainer.checks import checks
from trainer.dataset import parse


def found(*rows):
    return dict(checks(parse(as_csv(*rows), "file")))


def test_the_bundled_data_have_what_their_readme_says(data):
    answers = list(dict(checks(data)).values())
    assert answers[0] == "yes, 699 rows"
    assert "yes, in 16 rows (2.3%)" in answers
    assert "yes, 458 benign, 241 malignant (34.5%)" in answers
    assert "54, kept on one side of every fold" in answers


def test_a_patient_with_both_classes_is_counted():
    same_patient = changed(MALIGNANT, sample_code_number=BENIGN[0])
    assert found(BENIGN, same_patient)["Patients with samples of both classes"] == "1"
    assert found(BENIGN, MALIGNANT)["Patients with samples of both classes"] == "0"


def test_rows_that_no_model_can_tell_apart_are_counted():
    alike = changed(BENIGN, **{"class": 4})
    [count] = [
        found for what, found in checks(parse(as_csv(BENIGN, BENIGN, alike, MALIGNANT), "file")) if "no model" in what
    ]
    assert count == "3"
