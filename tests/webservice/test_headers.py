"""What every answer carries, and how methods other than a route's own are answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

KNOWN = {"/docs/<path:filename>": "/docs/page.css", "/swaggerui/<path:filename>": "/swaggerui/swagger-ui.css"}


def addresses(app: Flask) -> list[tuple[str, set[str]]]:
    """An address for each route, with its methods."""
    return [
        (KNOWN.get(rule.rule, re.sub("<[^>]+>", "oncology", rule.rule)), set(rule.methods or ()))
        for rule in app.url_map.iter_rules()
    ]


def test_an_answer_with_data_can_neither_run_nor_be_kept(client: FlaskClient, tumor: Any) -> None:
    for response in (client.post("/predict", json=tumor), client.post("/predict", json={}), client.get("/no/such")):
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"


def test_a_page_runs_its_own_files_alone_and_is_framed_by_nobody(client: FlaskClient) -> None:
    response = client.get("/docs")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("address", ["/model", "/swagger.json", "/openapi.json", "/swaggerui/swagger-ui.css"])
def test_what_changes_only_with_a_version_is_kept_and_asked_for_again(client: FlaskClient, address: str) -> None:
    response = client.get(address, buffered=True)
    assert response.headers["Cache-Control"] == "no-cache"
    known = client.get(address, headers={"If-None-Match": response.headers["ETag"]}, buffered=True)
    assert (known.status_code, known.data) == (304, b"")


def test_browsers_are_told_to_stay_with_https_only_where_it_is_there(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/livez").headers
    secure = client.get("/livez", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_head_is_answered_as_get_is_without_a_body(app: Flask, client: FlaskClient) -> None:
    asked = [address for address, methods in addresses(app) if "GET" in methods]
    assert "/model" in asked
    for address in asked:
        got, head = client.get(address, buffered=True), client.head(address, buffered=True)
        assert (head.status_code, head.data) == (got.status_code, b""), address
        without = {"Date", "X-Request-ID"}
        headers = [{k: v for k, v in answer.headers.items() if k not in without} for answer in (got, head)]
        assert headers[0] == headers[1], address


def test_options_tells_the_methods_of_every_route(app: Flask, client: FlaskClient) -> None:
    every: dict[str, set[str]] = {}
    for address, methods in addresses(app):
        every.setdefault(address, set()).update(methods)
    for address, methods in every.items():
        response = client.options(address)
        assert (response.status_code, response.data) == (200, b""), address
        assert set(response.allow) == methods, address


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "STRANGE"])
def test_another_method_is_refused_with_those_that_there_are(app: Flask, client: FlaskClient, method: str) -> None:
    for address, methods in addresses(app):
        if method not in methods:
            response = client.open(address, method=method)
            told = f"This address answers only to {', '.join(sorted(response.allow))}."
            # The Open Inference Protocol has its own form of errors.
            detail = response.json["error"] if address.startswith("/v2") else response.json["detail"]
            assert (response.status_code, detail) == (405, told), address
            assert response.allow, address
            if not address.startswith("/v2"):
                assert response.content_type == "application/problem+json", address
