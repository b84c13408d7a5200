"""The service behind proxies: whose X-Forwarded-* hold, and that it works under HTTPS and a prefix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.webservice.nginx import PREFIX, proxying
from tests.webservice.processes import GRANIAN, SECONDS, SERVE, free_port, serving
from webservice.app import create_app
from webservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "clinic.example",
    "X-Forwarded-Prefix": PREFIX,
    "X-Forwarded-For": "192.0.2.7",
}


def client_behind(hops: int, artifact: Path) -> FlaskClient:
    return create_app(Settings(model_dir=artifact, proxy_hops=hops)).test_client()


def told(client: FlaskClient, headers: dict[str, str]) -> tuple[str, bool]:
    """The prefix and whether it is HTTPS, as far as the service knows."""
    response = client.get("/swagger.json", headers=headers)
    return response.json["basePath"], "Strict-Transport-Security" in response.headers


def test_without_proxies_nobody_is_believed(artifact_directory: Path) -> None:
    assert told(client_behind(0, artifact_directory), FORWARDED) == ("/", False)


def test_a_proxy_is_believed(artifact_directory: Path) -> None:
    assert told(client_behind(1, artifact_directory), FORWARDED) == (PREFIX, True)


def test_only_what_the_proxies_have_added_is_believed(artifact_directory: Path) -> None:
    forged = {name: f"forged, {value}" for name, value in FORWARDED.items()}
    assert told(client_behind(1, artifact_directory), forged) == (PREFIX, True)
    assert told(client_behind(2, artifact_directory), FORWARDED) == ("/", False)


def test_each_prefix_gets_its_own_documents(artifact_directory: Path) -> None:
    client = client_behind(1, artifact_directory)
    for prefix in ("/a", "/b", "/a"):
        headers = {"X-Forwarded-Prefix": prefix}
        assert client.get("/swagger.json", headers=headers).json["basePath"] == prefix
        assert client.get("/openapi.json", headers=headers).json["servers"] == [{"url": prefix}]


@pytest.mark.parametrize("hops", [0, 1])
def test_the_host_that_a_client_names_comes_back_in_no_answer(artifact_directory: Path, hops: int) -> None:
    client = client_behind(hops, artifact_directory)
    for address in ("/", "/docs", "/swagger.json", "/openapi.json", "/no/such/thing", "//predict", "/predict"):
        response = client.get(address, headers={"Host": "evil.example"})
        assert "evil.example" not in response.text + str(response.headers), address


@pytest.fixture(scope="module", params=[SERVE, GRANIAN], ids=["gunicorn", "granian"])
def address(
    artifact_directory: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Where nginx serves the service, under HTTPS and a prefix."""
    port = free_port()
    settings = {"ONCOLOGY_PROXY_HOPS": "1", "ONCOLOGY_METRICS_PORT": "0"}
    with (
        serving(artifact_directory, port, request.param, **settings),
        proxying(port, tmp_path_factory.mktemp("nginx")) as address,
    ):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, timeout=SECONDS, follow_redirects=True) as client:  # noqa: S501 - made for the test
        yield client


def test_predictions_come_through_nginx(address: str, browser: httpx.Client, tumor: dict[str, Any]) -> None:
    response = browser.post(f"{address}/predict", json=tumor)
    assert (response.status_code, response.json()["prediction"]) == (200, "benign")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_pages_and_all_that_they_load_come_through_nginx(address: str, browser: httpx.Client, page: str) -> None:
    response = browser.get(address + page)
    assert response.status_code == 200
    assert str(response.url).startswith(f"{address}/")
    loaded = re.findall(r"(?:src|href|action|data-document)=[\"']([^\"'#]+)", response.text)
    assert loaded
    for part in loaded:
        there = urljoin(str(response.url), part)
        assert there.startswith(f"{address}/"), part
        assert browser.get(there).status_code == 200, part


def test_the_documents_lead_through_nginx(address: str, browser: httpx.Client, tumor: dict[str, Any]) -> None:
    swagger = browser.get(f"{address}/swagger.json").json()
    openapi = browser.get(f"{address}/openapi.json").json()
    assert swagger["basePath"] == openapi["servers"][0]["url"] == PREFIX
    assert "host" not in swagger
    there = urljoin(address, swagger["basePath"] + "/predict")
    assert browser.post(there, json=tumor).status_code == 200
