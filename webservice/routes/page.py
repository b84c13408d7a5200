"""The page for people; its script and a browser without scripts send the same form and get the same answer."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, render_template, request, url_for
from pydantic import ValidationError

from oncology_model.datamodel import field_errors
from webservice import answers
from webservice.api import service
from webservice.framework import Response
from webservice.page import form
from webservice.page.answer import Answer, tell
from webservice.page.chart import WIDTH
from webservice.problems import ProblemError

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.datastructures import MultiDict

HTML: Final = "text/html; charset=utf-8"

# Nine grades and a key take 400 bytes; what is larger is no form of this page.
_MAX_FORM_BYTES: Final = 4096

_KEY_WANTED: Final = "The key is missing or wrong: type yours into the field below the grades."

routes = Blueprint(
    "page",
    __name__,
    static_folder=Path(__file__).parents[1] / "page" / "static",
    static_url_path="/static",
)


@routes.get("/")
def show() -> Response:
    """The page, with nothing classified yet."""
    content = _page({}).data
    return answers.unless_known(content, hashlib.sha256(content).hexdigest(), HTML)


@routes.post("/")
def classify() -> Response:
    """The page, with the answer to its form."""
    grades = form.read_grades(_sent())
    tumor = form.tumor_of(grades)
    serving = service()
    assessment = serving.assess(tumor, explain=serving.facts.scorecard is not None)
    return _page(grades, answer=tell(assessment, serving.facts))


@routes.errorhandler(ValidationError)
def _wrong_grades(error: ValidationError) -> Response:
    wrong = "; ".join(f"{form.label_of(field)} {message}" for field, message in field_errors(error).items())
    return _page(form.read_grades(_sent()), problem=f"{wrong}.", status=HTTPStatus.UNPROCESSABLE_ENTITY)


@routes.errorhandler(ProblemError)
def _refused(problem: ProblemError) -> Response:
    detail = _KEY_WANTED if problem.status == HTTPStatus.UNAUTHORIZED else problem.detail
    response = _page(form.read_grades(_sent()), problem=detail, status=problem.status)
    response.headers.extend(problem.headers)
    return response


def take_keys(app: Flask) -> None:
    """Let the key in the form count as if a header had brought it: a browser without scripts has no other way.

    Args:
        app: whose guard is registered after this.
    """

    @app.before_request
    def take() -> None:
        if request.endpoint == f"{routes.name}.{classify.__name__}" and (key := _sent().get("key")):
            request.environ["HTTP_X_API_KEY"] = key.encode().decode("latin-1")  # as PEP 3333 has headers


def _sent() -> MultiDict[str, str]:
    request.max_content_length = _MAX_FORM_BYTES
    return request.form


def _page(
    grades: form.Grades,
    *,
    answer: Answer | None = None,
    problem: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    wants_key = status == HTTPStatus.UNAUTHORIZED or bool(request.form.get("key"))
    content = render_template(
        "page.html",
        form=form,
        grades=grades,
        answer=answer,
        problem=problem,
        wants_key=wants_key,
        width=WIDTH,
        address=_address,
    )
    return Response(content, status, content_type=HTML)


def _address(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as Flask has it
    """A link, relative unless a proxy told its prefix: it is right behind one that strips a prefix in silence, too."""
    address = url_for(endpoint, **values)
    return address if request.script_root else address.removeprefix("/")
