"""What is to be done once all is loaded and before anybody is served, whichever server serves."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from webservice import guard, metrics

if TYPE_CHECKING:
    from logging import Logger

    from webservice.settings import Settings


def be_ready(settings: Settings, log: Logger) -> None:
    """Take what was loaded out of the garbage collector's sight, serve metrics, and tell the address.

    Its pages then stay shared between workers. The little of it that is garbage stays too: to look for it takes a tenth
    of the start.
    """
    gc.freeze()
    gc.enable()
    metrics.serve(settings, log)
    log.info("Page at %s, documentation at %s/docs", settings.url, settings.url)
    guard.warn_if_open(settings, log)
