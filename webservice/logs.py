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


class Discretion(logging.Filter):
    """Takes out of gunicorn's messages what a client sent: an address may hold a tumour, and a header a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record, and let it through."""
        if not isinstance(record.msg, str):
            return True
        if record.msg.startswith("Invalid request from ip="):  # and then what is wrong, and then what that is about
            record.msg = ": ".join(record.msg.split(": ")[:2])
        elif record.msg.startswith("Error handling request"):
            record.msg, record.args = "Error handling a request", ()
        return True


def configuration() -> dict[str, Any]:
    """For :func:`logging.config.dictConfig`: JSON, or plain text where people watch a terminal."""
    plain = {"format": "%(message)s"}
    formatter = plain if sys.stderr.isatty() else {"()": JsonFormatter}
    logger = {"level": "INFO", "handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {"discretion": {"()": Discretion}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discretion"]}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": logger, "_granian": logger, "webservice": logger},
    }
