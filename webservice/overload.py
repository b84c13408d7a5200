"""More than can be answered in time: what has waited too long is refused at once, so that what comes next is not."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import orjson

from webservice import headers
from webservice.problems import MEDIA_TYPE, ProblemDocument

LONGEST_WAIT_SECONDS: Final = 0.5
"""How long requests are answered one after the other before those still waiting are refused."""

RETRY_AFTER_SECONDS: Final = 1

STATUS: Final = HTTPStatus.SERVICE_UNAVAILABLE


def _answer() -> bytes:
    document: ProblemDocument = {
        "type": "about:blank",
        "title": STATUS.phrase,
        "status": STATUS.value,
        "detail": f"The service has more to do than it can: ask again in {RETRY_AFTER_SECONDS} s.",
    }
    body = orjson.dumps(document)
    fields = [
        ("Content-Type", MEDIA_TYPE),
        ("Content-Length", str(len(body))),
        ("Retry-After", str(RETRY_AFTER_SECONDS)),
    ]
    headers.complete(fields, {"wsgi.url_scheme": "http"})
    lines = [f"HTTP/1.1 {STATUS.value} {STATUS.phrase}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode() + body


ANSWER: Final = _answer()
"""What a refused request gets, ready to be sent: refusing must cost far less than answering."""
