"""The service as clients find it: a process of its own, with the model that is shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oncology_model.classifier import BUNDLED_MODEL
from tests.webservice.processes import SERVE, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Of the service."""
    port = free_port()
    with serving(BUNDLED_MODEL, port, SERVE, ONCOLOGY_METRICS_PORT="0"):
        yield f"http://127.0.0.1:{port}"
