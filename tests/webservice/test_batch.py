"""POST /predict/batch: what a client gets."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncology_model import FEATURES
from webservice import batch_reading
from webservice.app import create_app
from webservice.problems import ProblemError
from webservice.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from oncology_model.table import Table

Body = dict[str, Any]
GRADE = "must be an integer from 1 to 10"
JSON, CSV = "application/json", "text/csv"


def post(client: FlaskClient, body: Any, content_type: str = JSON, query: str = "", **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/predict/batch{query}", data=data, content_type=content_type, headers=named)


def assert_problem(response: TestResponse, status: int) -> Body:
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    document: Body = json.loads(response.text)
    return document


def wrong_cells(response: TestResponse) -> list[tuple[int, str, str]]:
    return [(error["row"], error["field"], error["message"]) for error in assert_problem(response, 422)["errors"]]


def table(*rows: Body, columns: tuple[str, ...] = FEATURES) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def answered_rows(response: TestResponse) -> list[dict[str, str]]:
    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


@pytest.fixture
def tumors(tumor: Body) -> list[Body]:
    """A benign one, a malignant one, and one whose bare nuclei were not measured."""
    return [tumor, dict.fromkeys(FEATURES, 10), tumor | {"bare_nuclei": None}]


def test_each_tumour_is_answered_in_its_place_as_it_would_be_alone(client: FlaskClient, tumors: list[Body]) -> None:
    response = post(client, tumors)
    assert response.content_type == JSON
    assert response.json == [client.post("/predict", json=tumor).json for tumor in tumors]


def test_explanations_are_those_of_each_tumour_alone(client: FlaskClient, tumors: list[Body]) -> None:
    answers = post(client, tumors, query="?explain=true").json
    assert answers == [client.post("/predict?explain=true", json=tumor).json for tumor in tumors]


def test_csv_is_answered_by_csv_with_the_same_answers(client: FlaskClient, tumors: list[Body]) -> None:
    rows = answered_rows(post(client, table(*tumors), CSV, "?explain=true"))
    for row, answer in zip(rows, post(client, tumors, query="?explain=true").json, strict=True):
        assert row["prediction"] == answer["prediction"]
        assert float(row["probability"]) == answer["probability"]
        assert float(row["threshold"]) == answer["threshold"]
        assert row["model_version"] == answer["model_version"]
        for name, contribution in answer["contributions"].items():
            assert float(row[f"contribution_{name}"]) == contribution


def test_columns_may_be_in_any_order_and_extra_ones_come_back_untouched(client: FlaskClient, tumor: Body) -> None:
    extra = {"name": ' Müller, "Ä"\r\nline two ', "": "007"}
    sent = tumor | extra
    columns = ("name", *reversed(FEATURES), "")
    (row,) = answered_rows(post(client, table(sent, columns=columns), CSV))
    assert list(row)[: len(columns)] == list(columns)
    assert {name: row[name] for name in extra} == extra


@pytest.mark.parametrize("missing", ["", "?", " ? "])
def test_bare_nuclei_may_be_missing_in_csv(client: FlaskClient, tumor: Body, missing: str) -> None:
    (row,) = answered_rows(post(client, table(tumor | {"bare_nuclei": missing}), CSV))
    (answer,) = post(client, [tumor | {"bare_nuclei": None}]).json
    assert float(row["probability"]) == answer["probability"]


def test_accept_may_ask_for_the_other_form(client: FlaskClient, tumors: list[Body]) -> None:
    assert post(client, table(*tumors), CSV, Accept=JSON).json == post(client, tumors).json
    rows = answered_rows(post(client, tumors, Accept=CSV))
    assert [row["prediction"] for row in rows] == ["benign", "malignant", "benign"]


def test_a_form_that_is_not_to_be_had_is_not_acceptable(client: FlaskClient, tumors: list[Body]) -> None:
    assert assert_problem(post(client, tumors, Accept="image/png"), 406)["detail"].endswith(f"{JSON} and as {CSV}.")


def test_whatever_is_accepted_comes_as_it_was_sent(client: FlaskClient, tumors: list[Body]) -> None:
    assert answered_rows(post(client, table(*tumors), CSV, Accept="*/*"))


@pytest.mark.parametrize("query", ["", "?explain=true", "?errors=inline"])
def test_no_tumours_have_no_answers(client: FlaskClient, query: str) -> None:
    assert post(client, [], query=query).json == []
    assert answered_rows(post(client, table(), CSV, query)) == []


def test_every_wrong_cell_is_named_by_row_and_field(client: FlaskClient, tumor: Body) -> None:
    rows = [tumor, tumor | {"mitoses": 11, "clump_thickness": "SMITH"}, tumor, tumor | {"bare_nuclei": 0}]
    expected = [(1, "clump_thickness", GRADE), (1, "mitoses", GRADE)]
    response = post(client, rows)
    assert wrong_cells(response) == [*expected, (3, "bare_nuclei", f"{GRADE} or null")]
    assert response.json["detail"] == "Wrong fields: 3, in 2 rows. Nothing was classified."
    response = post(client, table(*rows), CSV)
    assert wrong_cells(response) == [*expected, (3, "bare_nuclei", f"{GRADE} or empty")]
    assert "SMITH" not in response.text


def test_the_rules_are_those_for_one_tumour(client: FlaskClient, tumor: Body) -> None:
    misspelt = tumor | {"bare_nucleii": 1}
    del misspelt["bare_nuclei"]
    assert wrong_cells(post(client, [misspelt])) == [
        (0, "bare_nuclei", "is required"),
        (0, "bare_nucleii", "is not a measurement"),
    ]


@pytest.mark.parametrize("row", [None, 4, "SMITH", [1, 2], {str(number): 1 for number in range(101)}])
def test_a_row_that_is_no_tumour_at_all_is_wrong_as_a_whole(client: FlaskClient, tumor: Body, row: object) -> None:
    message = f"must be an object with the fields {', '.join(FEATURES)}"
    assert wrong_cells(post(client, [tumor, row])) == [(1, "", message)]


@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_the_first_hundred_wrong_cells_are_named_and_the_others_counted(
    client: FlaskClient, tumor: Body, content_type: str
) -> None:
    rows = [tumor | {"mitoses": 0, "bland_chromatin": 11}] * 60
    response = post(client, rows if content_type == JSON else table(*rows), content_type)
    assert len(wrong_cells(response)) == 100
    assert "Wrong fields: 120, in 60 rows; the first 100 are listed, and there are 20 more." in response.text


@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_wrong_rows_are_answered_in_their_place_on_request(client: FlaskClient, tumor: Body, content_type: str) -> None:
    wrong = tumor | {"mitoses": 11, "normal_nucleoli": 0}
    rows = [tumor, wrong, tumor]
    response = post(client, rows if content_type == JSON else table(*rows), content_type, "?errors=inline")
    if content_type == JSON:
        first, second, third = response.json
        assert second == {"errors": [{"field": name, "message": GRADE} for name in ("normal_nucleoli", "mitoses")]}
    else:
        first, second, third = answered_rows(response)
        assert second["error"] == f"normal_nucleoli {GRADE}; mitoses {GRADE}"
        assert {second[name] for name in ("prediction", "probability", "threshold", "model_version")} == {""}
        assert first["error"] == ""
    assert first == third
    assert first["prediction"] == "benign"


@pytest.mark.parametrize("body", ['{"mitoses": 1}', "1", '"SMITH"', "null"])
def test_json_that_is_no_array_is_refused(client: FlaskClient, body: str) -> None:
    assert assert_problem(post(client, body), 422)["detail"] == "The body must be a JSON array of tumours."


@pytest.mark.parametrize("body", ["", "[", "[{]", "[NaN]", b"\xff\xfe", "[" * 1_000_000, '[{"a":' * 100_000])
def test_what_is_not_json_is_refused(client: FlaskClient, body: str | bytes) -> None:
    assert assert_problem(post(client, body), 400)["detail"] == "The body is not JSON."


def test_a_field_given_twice_is_refused_by_name(client: FlaskClient, tumor: Body) -> None:
    body = json.dumps([tumor])[:-2] + ', "mitoses": 1}]'
    assert assert_problem(post(client, body), 400)["errors"] == [{"field": "mitoses", "message": "is given twice"}]


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_other_media_types_are_refused(client: FlaskClient, content_type: str) -> None:
    response = post(client, "[]", content_type)
    assert_problem(response, 415)
    assert response.headers["Accept-Post"] == "application/json, text/csv"


@pytest.mark.parametrize("query", ["?errors=all", "?errors=inline&errors=inline", "?erors=inline", "?explain=1"])
def test_wrong_parameters_are_refused(client: FlaskClient, query: str) -> None:
    assert_problem(post(client, "[]", query=query), 422)


def test_a_model_that_is_not_additive_classifies_many_and_refuses_to_explain(
    forest_artifact_directory: Path, tumors: list[Body]
) -> None:
    client = create_app(Settings(model_dir=forest_artifact_directory)).test_client()
    assert [answer["prediction"] for answer in post(client, tumors).json] == ["benign", "malignant", "benign"]
    assert "this model is not additive" in assert_problem(post(client, tumors, query="?explain=true"), 422)[
        "detail"
    ] + (post(client, tumors, query="?explain=true").text)


@pytest.fixture(scope="module")
def narrow(artifact_directory: Path) -> FlaskClient:
    """A service of small limits."""
    settings = Settings(model_dir=artifact_directory, max_batch_rows=3, max_batch_bytes=2048)
    return create_app(settings).test_client()


@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_as_many_rows_as_allowed_are_answered_and_more_are_refused(
    narrow: FlaskClient, tumor: Body, content_type: str
) -> None:
    def rows(count: int) -> Any:
        return [tumor] * count if content_type == JSON else table(*[tumor] * count)

    assert post(narrow, rows(3), content_type).status_code == 200
    document = assert_problem(post(narrow, rows(4), content_type), 413)
    assert document["detail"] == "The batch is too large: at most 3 tumours are read."


@pytest.mark.parametrize("body", ["[" + "{}," * 400 + "{}]", "[{},{},{},{}]"])
def test_too_many_things_are_refused_before_they_take_memory(narrow: FlaskClient, body: str) -> None:
    assert_problem(post(narrow, body), 413)


def test_too_many_bytes_are_refused(narrow: FlaskClient, tumor: Body) -> None:
    body = json.dumps([tumor])
    assert post(narrow, body.ljust(2048)).status_code == 200
    document = assert_problem(post(narrow, body.ljust(2049)), 413)
    assert document["detail"] == "The body is too large: at most 2048 bytes are read."


def test_a_compressed_batch_is_read(client: FlaskClient, tumors: list[Body]) -> None:
    body = gzip.compress(json.dumps(tumors).encode())
    assert post(client, body, Content_Encoding="gzip").json == post(client, tumors).json


def test_a_small_body_that_decompresses_to_a_large_one_is_refused(narrow: FlaskClient) -> None:
    bomb = gzip.compress(b" " * 1_000_000)
    assert len(bomb) < 2048
    document = assert_problem(post(narrow, bomb, Content_Encoding="gzip"), 413)
    assert document["detail"] == "The body is too large: at most 2048 bytes are read."


@pytest.mark.parametrize("body", [b"[]", gzip.compress(b"[]" * 100)[:-9], gzip.compress(b"[]") + b"SMITH"])
def test_what_is_not_gzip_is_refused(client: FlaskClient, body: bytes) -> None:
    document = assert_problem(post(client, body, Content_Encoding="gzip"), 400)
    assert document["detail"] == "The body is not gzip, or was cut short."


def test_other_compressions_are_refused_with_the_one_that_is_understood(client: FlaskClient) -> None:
    response = post(client, b"[]", Content_Encoding="br")
    assert_problem(response, 415)
    assert response.headers["Accept-Encoding"] == "gzip"


def test_long_answers_are_compressed_where_that_is_accepted(client: FlaskClient, tumors: list[Body]) -> None:
    plain = post(client, tumors * 10)
    packed = post(client, tumors * 10, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in post(client, tumors, Accept_Encoding="gzip").headers
    assert "Content-Encoding" not in post(client, tumors * 10, Accept_Encoding="gzip;q=0").headers


CSV_REFUSALS = {
    "without header": ("4,1,2,1,2,1,1,1,1\n", "the first row must be a header with the columns clump_thickness"),
    "empty": ("", "the first row must be a header"),
    "semicolons": (table().replace(",", ";"), "is another separator used?"),
    "tabs": (table().replace(",", "\t"), "is another separator used?"),
    "Latin-1": (table(columns=(*FEATURES, "größe")).encode("latin-1"), "the text is not UTF-8 (byte "),
    "column missing": (table(columns=FEATURES[1:]), "the header lacks clump_thickness"),
    "column twice": (table(columns=(*FEATURES, "mitoses")), "the header has more than once mitoses"),
    "answer's column": (table(columns=(*FEATURES, "probability")), "the header already has probability"),
    "short row": (table() + "4,1\n4,1,SMITH\n", "counting rows from 0: row 0, 1."),
    "open quote": (table() + '4,1,"SMITH', "the text is not CSV (line 2: unexpected end of data)"),
    "long field": (table() + "1" * 200_000, "the text is not CSV (line 2: field larger than field limit (131072))"),
    "a million columns": ("SMITH," * 600_000, "the first row must be a header"),
}


@pytest.mark.parametrize(("body", "reason"), CSV_REFUSALS.values(), ids=CSV_REFUSALS.keys())
def test_what_is_no_table_of_tumours_is_refused_with_a_reason(
    client: FlaskClient, body: str | bytes, reason: str
) -> None:
    document = assert_problem(post(client, body, CSV), 422)
    assert document["detail"].startswith("The body is no table of tumours: ")
    assert reason in document["detail"]
    assert "SMITH" not in json.dumps(document)


def test_a_byte_order_mark_and_any_line_ends_are_understood(client: FlaskClient, tumor: Body) -> None:
    text = table(tumor)
    answers = [answered_rows(post(client, body, CSV)) for body in (text, "\ufeff" + text, text.replace("\r\n", "\n"))]
    assert answers[0] == answers[1] == answers[2]


VALUES = st.sampled_from([1, 5, 10, 0, 11, -1, None, True, False, 1.0, 4.5, "4", [], {}, 10**30])
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys([*FEATURES[:2], "bare_nuclei", "age"], VALUES)))


def read_carefully(app: Flask, body: bytes) -> Table:
    with app.app_context():
        return batch_reading.from_objects(batch_reading.parse_bounded(body), "The body")


@given(overrides=ROWS, separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:")]))
def test_what_the_fast_reader_accepts_is_what_the_careful_one_accepts(
    app: Flask, overrides: list[Body], separators: tuple[str, str]
) -> None:
    body = json.dumps([dict.fromkeys(FEATURES, 4) | row for row in overrides], separators=separators).encode()
    fast, careful = batch_reading._decode_valid(body), read_carefully(app, body)
    assert (fast is not None) == (not careful.errors)
    if fast is not None:
        assert fast.matrix.tolist() == careful.matrix.tolist()


@pytest.mark.parametrize("number", ["4", "4.0", "10.0", "4e0", "1E1", "40e-1", "0.4e1", "-0", "04", "+4", "4.", '"4"'])
@pytest.mark.parametrize("feature", ["clump_thickness", "bare_nuclei"])
def test_a_grade_is_written_in_a_batch_as_it_is_alone(
    client: FlaskClient, tumor: Body, feature: str, number: str
) -> None:
    body = json.dumps(tumor | {feature: 999}).replace("999", number)
    alone = client.post("/predict", data=body, content_type=JSON).status_code
    assert alone == post(client, f"[{body}]").status_code
    assert (alone == 200) == (number == "4")


@given(piece=st.binary(max_size=6), start=st.integers(0, 400), end=st.integers(0, 400))
def test_the_fast_reader_accepts_no_mangled_json_that_the_careful_one_refuses(
    app: Flask, piece: bytes, start: int, end: int
) -> None:
    body = json.dumps([dict.fromkeys(FEATURES, 4)] * 2).encode()
    mangled = body[:start] + piece + body[end:]
    fast = batch_reading._decode_valid(mangled)
    if fast is not None:
        try:
            careful = read_carefully(app, mangled)
        except ProblemError:
            pytest.fail(f"only the fast reader accepts {mangled!r}")
        assert not careful.errors
        assert fast.matrix.tolist() == careful.matrix.tolist()
