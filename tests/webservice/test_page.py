"""The page at /, as a browser without scripts gets it."""

from __future__ import annotations

import math
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncology_model import FEATURES, Assessment, Prediction
from oncology_model.artifact import read
from webservice.app import create_app
from webservice.page import form, words
from webservice.page.answer import tell
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from oncology_model.manifest import Manifest

MOST_BYTES = 150_000
TUMORS = st.fixed_dictionaries({feature: st.integers(1, 10) for feature in FEATURES}).flatmap(
    lambda tumor: st.sampled_from([tumor, tumor | {"bare_nuclei": None}])
)


def sent_by_a_browser(tumor: dict[str, int | None]) -> dict[str, Any]:
    """The values of all sliders, and the tick beside the one whose measurement is missing."""
    missing = [feature for feature, grade in tumor.items() if grade is None]
    return {feature: grade or 5 for feature, grade in tumor.items()} | {"not_measured": missing}


def text_of(part: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", part)).split())


def verdict(response: TestResponse) -> str:
    found = re.search(r'<div id="verdict".*?</div>', response.text, re.DOTALL)
    assert found
    return text_of(found[0])


def odds(response: TestResponse) -> list[str]:
    return re.findall(r"<td>([×÷]\N{NO-BREAK SPACE}[\d.]+)</td>", response.text)


def linked(response: TestResponse) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', response.text)


def grades_shown(response: TestResponse) -> dict[str, str]:
    return dict(re.findall(r'<input type="range" id="(\w+)".*? value="(\d+)"', response.text))


def test_every_measurement_is_asked_for_by_a_labelled_slider_that_says_what_it_means(client: FlaskClient) -> None:
    page = client.get("/").text
    assert len(form.SLIDERS) == len(FEATURES)
    for slider in form.SLIDERS:
        assert f'<label for="{slider.name}">{slider.label}</label>' in page
        assert f'<span id="{slider.name}-meaning">{slider.meaning}</span>' in page
        assert f'name="{slider.name}" min="1" max="10"' in page
        assert slider.meaning.endswith(".")
        assert "null" not in slider.meaning


def test_only_what_may_be_missing_can_be_not_measured(client: FlaskClient) -> None:
    assert re.findall(r'name="not_measured" value="(\w+)"', client.get("/").text) == ["bare_nuclei"]


def test_it_says_that_it_is_not_a_medical_device(client: FlaskClient) -> None:
    assert "This is not a medical device." in text_of(client.get("/").text)


def test_nothing_is_said_before_something_is_asked(client: FlaskClient) -> None:
    assert verdict(client.get("/")) == "No answer yet Move a slider, or load an example."


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(tumor=TUMORS)
def test_the_form_gives_the_answer_of_the_interface(client: FlaskClient, tumor: dict[str, int | None]) -> None:
    answer = client.post("/predict?explain=true", json=tumor).json
    response = client.post("/", data=sent_by_a_browser(tumor))
    assert response.status_code == 200
    probability, threshold = words.percent(answer["probability"]), words.percent(answer["threshold"])
    relation = {"benign": "is below", "malignant": "reaches"}[answer["prediction"]]
    assert verdict(response) == text_of(
        f"{answer['prediction'].capitalize()} The probability of malignancy is {probability} : "
        f"it {relation} the threshold of {threshold}."
    )
    assert odds(response) == [words.factor(answer["contributions"][feature]) for feature in FEATURES]


def test_the_form_keeps_what_was_set(client: FlaskClient) -> None:
    tumor = dict(zip(FEATURES, range(1, 10), strict=True))
    response = client.post("/", data=sent_by_a_browser(tumor))
    assert grades_shown(response) == {feature: str(grade) for feature, grade in tumor.items()}
    assert "checked" not in response.text
    assert "checked" in client.post("/", data=sent_by_a_browser(tumor | {"bare_nuclei": None})).text


@pytest.mark.parametrize(("name", "case"), form.EXAMPLES.items())
def test_an_example_is_what_its_button_says(client: FlaskClient, name: str, case: str) -> None:
    response = client.post("/", data={"case": case})
    assert verdict(response).split()[0] == name.split(maxsplit=1)[0]
    assert list(grades_shown(response).values()) == case.split("-")
    assert f'value="{case}">{name}</button>' in response.text


def test_a_case_may_lack_what_may_be_missing(client: FlaskClient) -> None:
    tumor = dict(zip(FEATURES, (4, 1, 2, 1, 2, None, 1, 1, 1), strict=True))
    response = client.post("/", data={"case": "4-1-2-1-2-x-1-1-1"})
    assert verdict(response) == verdict(client.post("/", data=sent_by_a_browser(tumor)))


@pytest.mark.parametrize("strange", ["0", "11", "five", "", "x", "٣", "1" * 500, "<script>alert(7777)</script>", "-1"])
def test_what_is_no_grade_is_refused_by_name_and_does_not_come_back(
    client: FlaskClient, tumor: dict[str, Any], strange: str
) -> None:
    response = client.post("/", data=tumor | {"mitoses": strange})
    assert response.status_code == 422
    assert verdict(response) == "No answer Mitoses must be an integer from 1 to 10."
    assert "7777" not in response.text


def test_all_missing_grades_are_named(client: FlaskClient) -> None:
    response = client.post("/", data={"case": "4-1-2-1-2-1-1"})
    assert response.status_code == 422
    assert verdict(response) == "No answer Normal nucleoli is required; Mitoses is required."


def test_what_is_too_large_for_the_form_is_not_read(client: FlaskClient) -> None:
    response = client.post("/", data={"case": "1" * 5000})
    assert response.status_code == 413
    assert response.json["detail"] == "The body is too large: at most 4096 bytes are read."


def test_a_model_that_is_not_additive_answers_without_a_chart(forest_artifact_directory: Path) -> None:
    client = create_app(Settings(model_dir=forest_artifact_directory)).test_client()
    response = client.post("/", data={"case": "8-10-10-8-7-10-9-7-1"})
    assert verdict(response).startswith("Malignant")
    assert odds(response) == []
    assert "<table>" not in response.text


def test_the_page_with_all_that_it_loads_is_small_and_from_here(client: FlaskClient) -> None:
    page = client.post("/", data={"case": "8-10-10-8-7-10-9-7-1"})
    loaded = [address for address in linked(page) if address.startswith("static/")]
    assert len(loaded) == 3
    texts = [page.text]
    for address in loaded:
        with client.get(f"/{address}") as file:
            assert file.status_code == 200
            texts.append(file.text)
    assert sum(len(text.encode()) for text in texts) < MOST_BYTES
    for text in texts:
        assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import", text)


def test_everything_linked_is_there(client: FlaskClient) -> None:
    for address in linked(client.get("/")):
        with client.get(f"/{address}") as response:
            assert response.status_code == 200, address


def test_links_keep_to_the_prefix_that_a_proxy_told(client: FlaskClient) -> None:
    page = client.get("/", base_url="https://hospital.example/oncology/")
    assert all(address.startswith("/oncology/") for address in linked(page))


def test_nothing_in_it_needs_what_the_security_policy_forbids(client: FlaskClient) -> None:
    page = client.post("/", data={"case": "8-10-10-8-7-10-9-7-1"})
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.findall(r"<style|<script>|\sstyle=|\son\w+=|javascript:", page.text)


def test_the_page_and_its_files_are_kept_while_they_are_the_same(client: FlaskClient) -> None:
    for address in ("/", "/static/page.css", "/static/page.js", "/static/icon.svg"):
        with client.get(address) as first:
            assert first.cache_control.no_cache
            assert first.headers["X-Content-Type-Options"] == "nosniff"
            with client.get(address, headers={"If-None-Match": first.headers["ETag"]}) as second:
                assert (second.status_code, second.data) == (304, b"")


def test_an_answer_is_kept_by_nobody(client: FlaskClient) -> None:
    response = client.post("/", data={"case": "4-1-2-1-2-1-1-1-1"})
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_an_address_is_asked_nothing(client: FlaskClient, tumor: dict[str, Any]) -> None:
    # Links in messages are opened by machines, and addresses are logged by proxies.
    assert client.get("/", query_string=tumor).data == client.get("/").data


def manifest_with(directory: Path, **figures: float | None) -> Manifest:
    nested = {name: {"value": value, "low": value, "high": value} for name, value in figures.items()}
    return read(directory).manifest.model_copy(update={"metrics": {"nested": nested}})


@pytest.mark.parametrize(
    ("error", "expectation"),
    [
        (0.0009, "Of 1000 samples that get such a probability, about 268 are expected to be malignant."),
        (0.0022, "Of 100 samples that get such a probability, about 27 are expected to be malignant."),
        (0.036, "Of 20 samples that get such a probability, about 5 are expected to be malignant."),
        (0.09, "Of 10 samples that get such a probability, about 3 are expected to be malignant."),
        (0.11, None),
        (None, None),
    ],
)
def test_a_probability_is_told_as_a_count_only_as_finely_as_calibration_supports(
    artifact_directory: Path, error: float | None, expectation: str | None
) -> None:
    manifest = manifest_with(artifact_directory, expected_calibration_error=error)
    answer = tell(Assessment(Prediction.BENIGN, 0.268, 0.3), manifest)
    assert answer.expectation == expectation
    assert (answer.reason is None) == (expectation is None)


def test_a_model_without_figures_is_told_without_them(artifact_directory: Path) -> None:
    answer = tell(Assessment(Prediction.BENIGN, 0.268, 0.3), read(artifact_directory).manifest)
    assert (answer.expectation, answer.reason, answer.promise) == (None, None, None)


def test_what_the_threshold_is_worth_is_told(artifact_directory: Path) -> None:
    manifest = manifest_with(artifact_directory, sensitivity=0.992, specificity=0.956)
    answer = tell(Assessment(Prediction.BENIGN, 0.268, 0.3), manifest)
    assert answer.promise == (
        "Of patients that the model had not seen, 99.2\N{NO-BREAK SPACE}% of the malignant samples reached the "
        "threshold, and 4.4\N{NO-BREAK SPACE}% of the benign ones."
    )


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.006, "0.6 %"),
        (0.0004, "under 0.1 %"),
        (0.9996, "over 99.9 %"),
        (0.5, "50.0 %"),
        (0.0, "0.0 %"),
        (1, "100.0 %"),
    ],
)
def test_percentages_never_claim_to_be_none_or_all(share: float, text: str) -> None:
    assert words.percent(share).replace("\N{NO-BREAK SPACE}", " ") == text


@given(st.floats(-70, 70))
def test_a_factor_says_how_the_odds_change(contribution: float) -> None:
    sign, number = words.factor(contribution).split()
    factor = float(number) if sign == "×" else 1 / float(number)
    assert factor == pytest.approx(math.exp(contribution), rel=0.06)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.006, "fewer than one is"), (0.05, "about 1 is"), (0.65, "about 13 are"), (0.998, "nearly all are")],
)
def test_expected_samples_are_counted_in_words(probability: float, text: str) -> None:
    assert words.expected(probability, 20) == text
