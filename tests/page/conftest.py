"""The page in Debian's Chromium, over HTTP, as the model that is shipped answers it."""

from __future__ import annotations

import functools
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from oncology_model.classifier import BUNDLED_MODEL
from tests.page.chromium import CHROMIUM, launch, visiting
from tests.webservice.processes import GRANIAN, SERVE, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.page.chromium import Visit, Visited


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not shutil.which(CHROMIUM):
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture(scope="session", params=[SERVE, GRANIAN], ids=["gunicorn", "granian"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Of the service, behind either server."""
    port = free_port()
    with serving(BUNDLED_MODEL, port, request.param, ONCOLOGY_METRICS_PORT="0"):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def visited(browser: Browser, address: str) -> Visited:
    """Begins visits to the page, at whose end nothing may have gone wrong unseen."""
    return functools.partial(visiting, browser, address)


@pytest.fixture
def visit(visited: Visited) -> Iterator[Visit]:
    with visited() as visit:
        yield visit
