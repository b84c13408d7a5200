"""The documentation in a browser where keys are wanted, behind a proxy with HTTPS and a prefix."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from oncology_model.classifier import BUNDLED_MODEL
from tests.clients.test_swagger_ui import ARGUMENTS, CHROMIUM
from tests.webservice.nginx import proxying
from tests.webservice.processes import SERVE, free_port, serving
from tests.webservice.test_keys import KEY, line

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.clients


@pytest.mark.parametrize(("name", "sent"), [("key", KEY), ("bearer", f"Bearer {KEY}")])
def test_the_authorize_button_sends_the_key(tmp_path: Path, name: str, sent: str) -> None:
    if not shutil.which(CHROMIUM):
        pytest.skip(f"{CHROMIUM} is missing")
    file, port = tmp_path / "keys", free_port()
    file.write_text(line("clinic-a", KEY))
    settings = {"ONCOLOGY_API_KEYS_FILE": str(file), "ONCOLOGY_PROXY_HOPS": "1", "ONCOLOGY_METRICS_PORT": "0"}
    with (
        serving(BUNDLED_MODEL, port, SERVE, **settings),
        proxying(port, tmp_path) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split()) as browser,
    ):
        page = browser.new_page(ignore_https_errors=True)
        page.goto(f"{address}/docs")
        page.get_by_role("button", name="Authorize", exact=True).first.click()
        scheme = page.locator(".auth-container", has_text=f"{name} (apiKey)")
        scheme.get_by_role("textbox").fill(sent)
        scheme.locator("button.authorize").click()
        page.locator(".modal-ux .btn-done").first.click()
        page.get_by_role("button", name="post /predict", exact=True).click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table .highlight-code code").first.inner_text()
    assert json.loads(answer)["prediction"] == "benign"
