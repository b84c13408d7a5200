"""When a service process can be reached."""

from __future__ import annotations

import contextlib
import socket
import time


def listening(port: int) -> None:
    """Wait for the port to open: granian's workers open it a moment after it told its address."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=10):
            return
        time.sleep(0.01)
    raise TimeoutError(f"nothing listens on port {port}")
