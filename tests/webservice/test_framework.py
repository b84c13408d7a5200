"""What the service leaves out of Flask changes nothing that a client sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flask
import pytest

from webservice.framework import Flask, Response

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def _echo(application: type[flask.Flask], response: type[flask.Response]) -> FlaskClient:
    app = application("echo")

    @app.route("/found/<int:number>", methods=["GET", "POST"])
    def found(number: int) -> flask.Response:
        url = flask.url_for("found", number=number + 1, _external=True)
        return response(f"{url} {flask.request.path} {flask.request.root_path}", content_type="text/plain")

    @app.route("/folder/")
    def folder() -> flask.Response:
        return response("", 204)

    return app.test_client()


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/found/1"},
        {"path": "/found/1", "method": "HEAD"},
        {"path": "/found/1", "method": "OPTIONS"},
        {"path": "/found/1", "method": "DELETE"},
        {"path": "/found/one"},
        {"path": "/found/%C3%BC"},
        {"path": "/folder", "query_string": "a=1&b=%C3%BC"},
        {"path": "/folder/"},
        {"path": "/found/1", "base_url": "https://Example.ORG:8443/prefix"},
        {"path": "/folder", "base_url": "https://example.org/prefix/", "query_string": "a=1"},
        {"path": "/found/1", "headers": {"Host": "not a host"}},
    ],
    ids=str,
)
def test_requests_are_answered_as_by_flask_itself(request_: dict[str, Any]) -> None:
    expected = _echo(flask.Flask, flask.Response).open(**request_)
    found = _echo(Flask, Response).open(**request_)

    assert (found.status, found.data) == (expected.status, expected.data)
    assert sorted(found.headers) == sorted(expected.headers)


def test_hosts_are_trusted_as_flask_is_told() -> None:
    client = _echo(Flask, Response)
    client.application.config["TRUSTED_HOSTS"] = ["example.org"]

    assert client.get("/found/1", base_url="http://example.org").status_code == 200
    assert client.get("/found/1", base_url="http://example.com").status_code == 400


def test_no_client_is_remembered() -> None:
    app = Flask("forgetful")

    with app.test_request_context("/"), pytest.raises(RuntimeError, match="session is unavailable"):
        flask.session["name"] = "anybody"
