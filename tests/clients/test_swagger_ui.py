"""The documentation in a browser."""

from __future__ import annotations

import json
import shutil

import pytest
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.clients

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def test_try_it_out_works_as_it_stands_and_asks_no_other_host(address: str) -> None:
    if not shutil.which(CHROMIUM):
        pytest.skip(f"{CHROMIUM} is missing")
    complaints, hosts = [], set()
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split()) as browser,
    ):
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: hosts.add(request.url.startswith((f"{address}/", "data:", "blob:"))))
        page.goto(f"{address}/docs")
        page.get_by_role("button", name="post /predict", exact=True).click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table .highlight-code code").first.inner_text()
        assert json.loads(answer)["prediction"] == "benign"
    assert complaints == []
    assert hosts == {True}
