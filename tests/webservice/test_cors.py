"""Pages of which origins may call the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.webservice.test_keys import KEY, line
from webservice.app import create_app
from webservice.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

CLINIC, LAB, STRANGER = "https://clinic.example", "http://localhost:3000", "https://stranger.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def client(artifact_directory: Path, tmp_path: Path) -> FlaskClient:
    """Of a service that pages of two origins may call, and that wants keys."""
    file = tmp_path / "keys"
    file.write_text(line("clinic-a", KEY))
    settings = Settings(model_dir=artifact_directory, api_keys_file=file, cors_origins=f"{CLINIC}, {LAB}")
    return create_app(settings).test_client()


def test_nobodys_pages_may_call_unless_they_are_named(artifact_directory: Path, tumor: Any) -> None:
    client = create_app(Settings(model_dir=artifact_directory)).test_client()
    for response in (
        client.post("/predict", json=tumor, headers={"Origin": CLINIC}),
        client.options("/predict", headers={"Origin": CLINIC} | PREFLIGHT),
    ):
        assert not [name for name in dict(response.headers) if name.startswith("Access-Control-")]


@pytest.mark.parametrize("origin", [CLINIC, LAB])
def test_a_named_origin_may_ask_without_a_key_and_call_with_one(client: FlaskClient, tumor: Any, origin: str) -> None:
    asked = client.options("/predict", headers={"Origin": origin} | PREFLIGHT)
    assert (asked.status_code, asked.headers[ALLOWED]) == (200, origin)
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    allowed = asked.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"content-type", "x-api-key", "authorization"} <= set(allowed)

    called = client.post("/predict", json=tumor, headers={"Origin": origin, "X-API-Key": KEY})
    assert (called.status_code, called.headers[ALLOWED], called.vary.as_set()) == (200, origin, {"origin"})
    assert "X-Request-ID" in called.headers["Access-Control-Expose-Headers"]


def test_a_page_can_read_why_it_was_refused(client: FlaskClient, tumor: Any) -> None:
    refused = client.post("/predict", json=tumor, headers={"Origin": CLINIC})
    assert (refused.status_code, refused.headers[ALLOWED]) == (401, CLINIC)


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", "https://clinic.example.evil.example", "https://clinic.example:444"]
)
def test_no_other_origin_is_allowed(client: FlaskClient, tumor: Any, origin: str) -> None:
    headers = {"Origin": origin, "X-API-Key": KEY}
    assert ALLOWED not in client.post("/predict", json=tumor, headers=headers).headers
    assert ALLOWED not in client.options("/predict", headers=headers | PREFLIGHT).headers


def test_answers_to_requests_of_no_origin_are_not_kept_for_others(client: FlaskClient) -> None:
    response = client.get("/livez")
    assert ALLOWED not in response.headers
    assert "origin" in response.vary


def test_no_cookie_is_ever_let_through(client: FlaskClient) -> None:
    response = client.get("/livez", headers={"Origin": CLINIC})
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "origins", ["*", "clinic.example", "https://clinic.example/", "https://A.example", f"{CLINIC},*"]
)
def test_what_is_no_origin_is_refused(origins: str) -> None:
    with pytest.raises(SettingsError, match="must name each origin as browsers do, such as "):
        Settings.from_environment({"ONCOLOGY_CORS_ORIGINS": origins})
