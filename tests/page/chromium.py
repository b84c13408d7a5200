"""Chromium, and a visit to the page in it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page, Playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(QUIET))


@dataclass
class Visit:
    """What one person sees and does."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    """Of the browser, and about every request to another host."""

    @classmethod
    @contextlib.contextmanager
    def begin(cls, browser: Browser, address: str, **context: Any) -> Iterator[Visit]:
        page = browser.new_page(**context)
        visit = cls(page, address)
        page.on("console", lambda message: visit.complaints.append(message.text))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("request", lambda request: visit.look_at(request.url))
        page.goto(address)
        try:
            yield visit
        finally:
            page.context.close()

    def look_at(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"a request to {url}")

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=label, exact=True)

    @property
    def verdict(self) -> Locator:
        return self.page.get_by_role("status")
