"""What a person does with the page, and sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from oncology_model import FEATURES
from oncology_model.classifier import BUNDLED_MODEL
from tests.page.chromium import visiting
from tests.webservice.processes import SERVE, free_port, serving
from tests.webservice.test_keys import KEY, line

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.page.chromium import Visit, Visited

pytestmark = pytest.mark.page

MALIGNANT = "#8-10-10-8-7-10-9-7-1"
BENIGN_WITHOUT_NUCLEI = "#4-1-2-1-2-x-1-1-1"


def test_moving_a_slider_brings_the_answer(visit: Visit) -> None:
    expect(visit.verdict).to_contain_text("No answer yet")
    visit.slider("Clump thickness").fill("10")
    expect(visit.verdict).to_contain_text("Benign")
    for label in ("Bare nuclei", "Bland chromatin", "Uniformity of cell shape"):
        visit.slider(label).fill("10")
    expect(visit.verdict).to_contain_text("Malignant")
    expect(visit.verdict).to_contain_text(re.compile(r"probability of malignancy is [\d.]+\s%"))


def test_every_measurement_has_a_bar_that_follows_its_slider(visit: Visit) -> None:
    visit.slider("Bare nuclei").fill("2")
    row = visit.page.get_by_role("row", name="Bare nuclei")
    expect(row).to_contain_text("÷")
    visit.slider("Bare nuclei").fill("10")
    expect(row).to_contain_text("×")
    expect(visit.page.get_by_role("row")).to_have_count(len(FEATURES) + 1)


def test_an_example_is_loaded_and_answered(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Malignant example").click()
    expect(visit.verdict).to_contain_text("Malignant")
    expect(visit.slider("Clump thickness")).to_have_value("8")
    assert visit.page.url == visit.address + MALIGNANT
    visit.page.get_by_role("button", name="Benign example").click()
    expect(visit.verdict).to_contain_text("Benign")
    visit.page.go_back()
    expect(visit.verdict).to_contain_text("Malignant")


def test_the_address_holds_the_case_and_opens_it_elsewhere(visit: Visit, visited: Visited) -> None:
    visit.slider("Mitoses").fill("7")
    assert visit.page.url == f"{visit.address}#1-1-1-1-1-1-1-1-7"
    expect(visit.verdict).to_contain_text("probability")
    with visited("#1-1-1-1-1-1-1-1-7") as other:
        expect(other.slider("Mitoses")).to_have_value("7")
        expect(other.verdict).to_have_text(visit.verdict.inner_text(), use_inner_text=True)


def test_no_request_tells_the_case_in_its_address(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.goto(visit.address + MALIGNANT)
    expect(visit.verdict).to_contain_text("Malignant")
    visit.page.reload()
    expect(visit.verdict).to_contain_text("Malignant")
    assert visit.address in {url.partition("#")[0] for url in asked}
    assert not any("?" in url for url in asked)


@pytest.mark.parametrize("fragment", ["#4-1-2", "#4-1-2-1-2-1-1-1-11", "#x-1-2-1-2-1-1-1-1", "#<b>7</b>"])
def test_a_link_that_holds_no_case_says_so(visited: Visited, fragment: str) -> None:
    with visited(fragment) as visit:
        expect(visit.verdict).to_contain_text("This link holds no case")


def test_bare_nuclei_may_be_not_measured(visit: Visit) -> None:
    visit.slider("Bare nuclei").fill("10")
    visit.page.get_by_role("checkbox", name="Bare nuclei not measured").check()
    expect(visit.slider("Bare nuclei")).to_be_disabled()
    assert visit.page.url.endswith("#1-1-1-1-1-x-1-1-1")
    expect(visit.verdict).to_contain_text("Benign")
    visit.page.get_by_role("checkbox", name="Bare nuclei not measured").uncheck()
    expect(visit.slider("Bare nuclei")).to_be_enabled()


def test_a_link_may_hold_a_case_without_bare_nuclei(visited: Visited) -> None:
    with visited(BENIGN_WITHOUT_NUCLEI) as visit:
        expect(visit.page.get_by_role("checkbox", name="Bare nuclei not measured")).to_be_checked()
        expect(visit.verdict).to_contain_text("Benign")


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    keyboard.press("Tab")
    expect(visit.page.get_by_role("button", name="Benign example")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(visit.verdict).to_contain_text("Malignant")
    keyboard.press("Tab")
    expect(visit.slider("Clump thickness")).to_be_focused()
    keyboard.press("Home")
    keyboard.press("ArrowRight")
    expect(visit.slider("Clump thickness")).to_have_value("2")
    for _ in range(4):
        keyboard.press("Tab")
    expect(visit.slider("Single epithelial cell size")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(visit.page.get_by_role("checkbox", name="Bare nuclei not measured")).to_be_checked()
    keyboard.press("Tab")
    expect(visit.slider("Bland chromatin")).to_be_focused()
    assert visit.page.url.endswith("#2-10-10-8-7-x-9-7-1")


def test_what_has_the_focus_is_seen(visit: Visit) -> None:
    visit.page.keyboard.press("Tab")
    outline = visit.page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "solid" in outline
    assert "3px" in outline


def test_a_service_that_is_gone_leaves_no_old_answer_beside_new_grades(visited: Visited) -> None:
    gone = "Failed to load resource: net::ERR_INTERNET_DISCONNECTED"
    with visited(MALIGNANT, complaints=[gone]) as visit:
        expect(visit.verdict).to_contain_text("Malignant")
        visit.page.context.set_offline(True)
        visit.slider("Mitoses").fill("2")
        expect(visit.verdict).to_contain_text("The service cannot be reached.")
        expect(visit.page.get_by_role("table")).to_have_count(0)
        visit.page.context.set_offline(False)
        visit.slider("Mitoses").fill("1")
        expect(visit.verdict).to_contain_text("Malignant")


def test_without_scripts_the_form_gives_the_same_answer(visited: Visited) -> None:
    with (
        visited(MALIGNANT) as scripted,
        visited(java_script_enabled=False) as plain,
    ):
        plain.page.get_by_role("button", name="Malignant example").click()
        expect(scripted.verdict).to_contain_text("Malignant")
        assert plain.verdict.inner_text() == scripted.verdict.inner_text()
        assert plain.page.get_by_role("table").inner_text() == scripted.page.get_by_role("table").inner_text()
        plain.slider("Bland chromatin").press("Home")
        plain.page.get_by_role("checkbox", name="Bare nuclei not measured").check()
        plain.page.get_by_role("button", name="Classify").click()
        scripted.page.goto(f"{scripted.address}#8-10-10-8-7-x-1-7-1")
        expect(scripted.verdict).to_have_text(plain.verdict.inner_text(), use_inner_text=True)


def test_on_a_phone_the_answer_stays_in_sight_and_nothing_is_cut_off(visited: Visited) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    with visited(**phone) as visit:
        visit.slider("Clump thickness").fill("10")
        expect(visit.verdict).to_contain_text("Benign")
        expect(visit.verdict).to_be_in_viewport(ratio=1)
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize(("scheme", "darker"), [("light", False), ("dark", True)])
def test_the_page_is_as_dark_as_the_person_likes_it(visited: Visited, scheme: str, darker: bool) -> None:
    with visited(color_scheme=scheme) as visit:
        color = "getComputedStyle(document.body)[{!r}].match(/\\d+/g).reduce((sum, part) => sum + Number(part), 0)"
        ink, ground = (visit.page.evaluate(color.format(name)) for name in ("color", "backgroundColor"))
        assert (ground < ink) == darker


def test_the_documentation_is_one_click_away(visit: Visit) -> None:
    visit.page.get_by_role("link", name="the interface").click()
    expect(visit.page.get_by_text("/predict", exact=True)).to_be_visible()


def test_where_keys_are_wanted_the_page_asks_for_one_and_then_answers(browser: Browser, tmp_path: Path) -> None:
    keys, port = tmp_path / "keys", free_port()
    keys.write_text(line("clinic-a", KEY))
    settings = {"ONCOLOGY_METRICS_PORT": "0", "ONCOLOGY_API_KEYS_FILE": str(keys)}
    refusal = "Failed to load resource: the server responded with a status of 401 (UNAUTHORIZED)"
    with (
        serving(BUNDLED_MODEL, port, SERVE, **settings),
        visiting(browser, f"http://127.0.0.1:{port}/", MALIGNANT, complaints=[refusal]) as visit,
    ):
        expect(visit.verdict).to_contain_text("The key is missing or wrong")
        field = visit.page.get_by_label("Key", exact=True)
        field.press_sequentially(KEY)
        field.press("Enter")
        expect(visit.verdict).to_contain_text("Malignant")
        visit.page.get_by_role("button", name="Benign example").click()
        expect(visit.verdict).to_contain_text("Benign")
        assert KEY not in visit.page.url
