"""Chromium, and a visit to the page in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


class Visit:
    """What one person sees and does, and what the browser complains of: errors, and requests to other hosts."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._look_at(request.url))

    def _look_at(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"a request to {url}")

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=label, exact=True)

    @property
    def verdict(self) -> Locator:
        return self.page.get_by_role("status")


@contextlib.contextmanager
def visiting(
    browser: Browser, address: str, fragment: str = "", *, complaints: Iterable[str] = (), **context: Any
) -> Iterator[Visit]:
    """A visit, of which the browser may complain only as told."""
    page = browser.new_page(**context)
    try:
        visit = Visit(page, address)
        page.goto(address + fragment)
        yield visit
        assert set(visit.complaints) == set(complaints)
    finally:
        page.context.close()


Visited = Callable[..., contextlib.AbstractContextManager[Visit]]
