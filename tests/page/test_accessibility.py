"""What axe-core, the engine behind most checkers of WCAG, finds in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.page.chromium import Visit, Visited

pytestmark = pytest.mark.page

SEEN = {
    "": "No answer yet",
    "#4-1-2-1-2-x-1-1-1": "Benign",
    "#8-10-10-8-7-10-9-7-1": "Malignant",
    "#4": "This link holds no case",
}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(("fragment", "said"), SEEN.items(), ids=SEEN.values())
def test_axe_finds_nothing(visited: Visited, scheme: str, screen: dict[str, Any], fragment: str, said: str) -> None:
    with visited(fragment, color_scheme=scheme, **screen) as visit:
        expect(visit.verdict).to_contain_text(said)
        found = Axe().run(visit.page)
        assert found.violations_count == 0, found.generate_report()


def test_a_new_answer_is_announced_and_nothing_else(visit: Visit) -> None:
    region = visit.verdict.element_handle()
    visit.slider("Mitoses").fill("3")
    expect(visit.verdict).to_contain_text("Benign")
    # Screen readers announce what changes in an element that stays.
    assert region.evaluate("element => element.isConnected")
    assert visit.page.locator("[aria-live], [role=alert], [role=log], output").count() == 0
