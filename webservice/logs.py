"""The log: one line of JSON for each request and each thing that happens; never a measurement, a key or a body."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final

import orjson

_STDOUT: Final = 1


def write_line(entry: dict[str, Any]) -> None:
    """Write ``entry`` as one line, at once, so that lines of several processes do not mix.

    Raises:
        OSError: it cannot be written.
    """
    os.write(_STDOUT, orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))


def now() -> datetime:
    """The time, as lines tell it."""
    return datetime.now(UTC)


class JsonFormatter(logging.Formatter):
    """Formats what gunicorn and libraries log as the lines of requests are."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        entry = {"time": now(), "level": record.levelname.lower(), "logger": record.name}
        entry["message"] = record.getMessage()
        if record.exc_info and record.exc_info[0]:
            # The text of an exception may quote a request; its kind and place do not.
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = "".join(traceback.format_tb(record.exc_info[2]))
        return orjson.dumps(entry, default=str).decode()


def configuration() -> dict[str, Any]:
    """For :func:`logging.config.dictConfig`: JSON, or plain text where people watch a terminal."""
    plain = {"format": "%(message)s"}
    formatter = plain if sys.stderr.isatty() else {"()": JsonFormatter}
    logger = {"level": "INFO", "handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": logger, "_granian": logger, "webservice": logger},
    }
