"""``python -m monitoring``, from what the tools wrote to the page."""

from __future__ import annotations

import json
import re

import pytest

from monitoring.__main__ import main
from monitoring.page import render
from monitoring.records import Record, read

COVERAGE = {
    "files": {
        "trainer/gate.py": {"summary": {"num_statements": 4, "covered_lines": 3}},
        "webservice/routes.py": {"summary": {"num_statements": 10, "covered_lines": 9}},
    }
}
BENCHMARKS = {"ours": ["oncology"], "figures": {"oncology": {"p99_ms": 2.5}, "another": {"p99_ms": 9.0}}}
METRICS = {"nested": {"sensitivity": {"value": 0.99, "low": 0.98, "high": 1.0}}, "training_seconds": 12.5}
JUNIT = '<testsuites><testsuite><testcase classname="tests.trainer.test_gate" time="1"/></testsuite></testsuites>'


@pytest.fixture
def record(tmp_path, artifact_directory):
    """Records a version in ``tmp_path / "history"``."""
    for name, document in (("coverage", COVERAGE), ("metrics", METRICS), ("benchmarks", BENCHMARKS)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "tests.xml").write_text(JUNIT)
    files = {name: f"{tmp_path}/{name}.json" for name in ("coverage", "metrics", "benchmarks")}
    files |= {"tests": f"{tmp_path}/tests.xml", "manifest": f"{artifact_directory}/manifest.json", "commit": "abc"}
    options = [part for name, value in files.items() for part in (f"--{name}", value)]
    return lambda version: main(["record", f"{tmp_path}/history", "--version", version, *options])


def test_a_version_is_one_file_of_flat_lines_for_each_room(record, tmp_path):
    assert record("0.1.1") == 0
    for room in ("trainer", "webservice"):
        lines = (tmp_path / "history" / room / "0.1.1.json").read_text().splitlines()
        for line in map(json.loads, lines):
            assert line.keys() == {"room", "version", "commit", "recorded_at", "kpi", "value"}
            assert (line["room"], line["version"], line["commit"]) == (room, "0.1.1", "abc")


def test_the_figures_come_from_all_sources(record, tmp_path):
    record("0.1.1")
    found = {(line.room, line.kpi): line.value for line in read(f"{tmp_path}/history", "trainer", "webservice")}
    assert found["trainer", "nested.sensitivity.value"] == 0.99
    assert found["trainer", "training_seconds"] == 12.5
    assert found["trainer", "coverage"] == 0.75
    assert found["trainer", "tests.passed"] == 1
    assert found["webservice", "coverage"] == 0.9
    assert found["webservice", "benchmark.p99_ms"] == 2.5


def test_drift_is_against_the_version_before(record, tmp_path):
    record("0.1.1")
    assert not any(line.kpi.startswith("drift.") for line in read(f"{tmp_path}/history", "trainer"))
    record("0.1.2")
    drift = [line for line in read(f"{tmp_path}/history", "trainer") if line.kpi.startswith("drift.")]
    assert {(line.version, line.value) for line in drift} == {("0.1.2", 0)}
    assert len(drift) == 9


def test_a_version_is_recorded_once(record, tmp_path, capsys):
    record("0.1.1")
    capsys.readouterr()
    assert record("0.1.1") == 1
    message = "it exists already and is never overwritten: choose another version"
    assert capsys.readouterr().err == f"{tmp_path}/history/trainer/0.1.1.json: {message}\n"


def test_a_missing_source_is_one_line(record, tmp_path, capsys):
    (tmp_path / "coverage.json").unlink()
    assert record("0.1.1") == 1
    assert capsys.readouterr().err == f"{tmp_path}/coverage.json: No such file or directory\n"


def test_the_report_is_one_page_with_plots_and_tables(record, tmp_path):
    for version in ("0.1.1", "0.1.2"):
        record(version)
    page = tmp_path / "report.html"
    assert main(["report", f"{tmp_path}/history", str(page)]) == 0
    text = page.read_text()
    assert "2 versions, 0.1.1 to 0.1.2." in text
    assert text.count('role="img" aria-label="') == text.count("<table>") == 6
    assert not re.search(r'(?:src|href)="?https?:', text)


def test_the_same_records_give_the_same_page():
    records = [Record("trainer", version, "c", "2026-01-01T00:00:00Z", "coverage", 0.9) for version in "123"]
    assert render(records) == render(records)


def test_a_version_without_a_figure_leaves_a_gap():
    records = [
        Record("trainer", "1", "c", "2026-01-01T00:00:00Z", "coverage", 0.9),
        Record("webservice", "2", "c", "2026-01-02T00:00:00Z", "coverage", 0.8),
    ]
    assert "<td>0.9</td><td></td>" in render(records)


def test_names_are_text_not_markup():
    page = render([Record("webservice", "<b>", "c", "2026-01-01T00:00:00Z", "benchmark.<script>", 1.0)])
    assert "<script>" not in page
    assert "<b>" not in page


def test_no_records_are_said_to_be_none(tmp_path):
    assert main(["report", f"{tmp_path}/nothing", f"{tmp_path}/report.html"]) == 0
    assert "There are no records yet." in (tmp_path / "report.html").read_text()
