"""Headers that make an answer safe, for a browser and for whoever caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# Data is no page: a browser that is led to it shall run, load and frame nothing.
_DATA: Final = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)

# The Swagger UI draws its icons from data: addresses.
_PAGE: Final = (
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
    ),
    ("X-Content-Type-Options", "nosniff"),
    # An address may hold a tumour.
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

_NOT_STORED: Final = ("Cache-Control", "no-store")
_ONLY_HTTPS: Final = ("Strict-Transport-Security", "max-age=31536000")


def complete(headers: list[tuple[str, str]], environ: WSGIEnvironment) -> None:
    """Add to an answer's ``headers`` what it lacks."""
    is_page = cacheable = False
    for name, value in headers:
        if name == "Content-Type":
            is_page = value.startswith("text/html")
        elif name == "Cache-Control":
            cacheable = True
    headers.extend(_PAGE if is_page else _DATA)
    if not cacheable:
        headers.append(_NOT_STORED)
    if environ["wsgi.url_scheme"] == "https":
        headers.append(_ONLY_HTTPS)
