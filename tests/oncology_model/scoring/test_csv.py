"""CSV is scored as it stands: nothing of it changes, and cells are added."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncology_model import FEATURES, Classifier, Tumor, csv_table
from oncology_model.scoring import csv_blocks
from oncology_model.scoring.csv_blocks import CsvBlocks
from oncology_model.scoring.csv_scoring import CsvScorer
from tests.oncology_model.scoring.conftest import BENIGN, HEADER, MALIGNANT


def file(path, *rows, header=HEADER, end="\n"):
    path.write_bytes("".join(f"{row}{end}" for row in (header, *rows)).encode())
    return path


def read(path):
    compression = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix)
    with pa.input_stream(str(path), compression=compression) as stream:
        return stream.read().decode()


def test_prediction_and_probability_follow_the_cells_that_were_there(score, tmp_path, artifact_directory):
    source = file(tmp_path / "in.csv", f"a,{BENIGN}", f"b,{MALIGNANT}")
    status, answer, _ = score(source, tmp_path / "out.csv")
    assert (status, answer["rows"], answer["rejected"], answer["rejects"]) == (0, 2, 0, None)
    assert not (tmp_path / "out.rejects.csv").exists()
    classifier = Classifier(artifact_directory)
    header, *rows = (tmp_path / "out.csv").read_text().splitlines()
    assert header == f"{HEADER},prediction,probability"
    for row, grades in zip(rows, (BENIGN, MALIGNANT), strict=True):
        said = classifier.assess(Tumor(*map(int, grades.split(","))))
        start, prediction, probability = row.rsplit(",", 2)
        assert start.split(",", 1)[1] == grades
        assert (prediction, float(probability)) == (said.prediction.value, said.probability)


def test_contributions_are_added_where_they_are_asked_for(score, tmp_path, artifact_directory):
    score(file(tmp_path / "in.csv", f"a,{BENIGN}"), tmp_path / "out.csv", "--explain")
    [row] = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    said = Classifier(artifact_directory).assess(Tumor(*map(int, BENIGN.split(","))), explain=True)
    assert {name: float(row[f"contribution_{name}"]) for name in ("intercept", *FEATURES)} == said.contributions


@pytest.mark.parametrize("missing", ["", "?", " ? "])
def test_bare_nuclei_may_be_missing(score, tmp_path, artifact_directory, missing):
    score(file(tmp_path / "in.csv", f"a,4,1,2,1,2,{missing},1,1,1"), tmp_path / "out.csv")
    [row] = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    expected = Classifier(artifact_directory).assess(Tumor(4, 1, 2, 1, 2, None, 1, 1, 1)).probability
    assert float(row["probability"]) == expected


def test_rows_that_are_no_tumours_go_to_the_rejects_with_the_reason(score, tmp_path):
    wrong = ["b,4,1,2,1,2,1,1,1,77", "c,?,1,2,1,2,1,1,1,", "d,4,1"]
    status, answer, message = score(file(tmp_path / "in.csv", f"a,{BENIGN}", *wrong), tmp_path / "out.csv")
    assert (status, answer["rows"], answer["rejected"]) == (3, 4, 3)
    assert "77" not in message
    assert (tmp_path / "out.csv").read_text().count("\n") == 2
    assert (tmp_path / "out.rejects.csv").read_text().splitlines() == [
        f"reject_reason,{HEADER}",
        f"mitoses must be an integer from 1 to 10,{wrong[0]}",
        "clump_thickness must be an integer from 1 to 10; mitoses must be an integer from 1 to 10," + wrong[1],
        f"has 3 cells where the header has 10,{wrong[2]}",
    ]


def test_rejects_of_an_earlier_run_do_not_stay(score, tmp_path):
    score(file(tmp_path / "in.csv", "a,4,1"), tmp_path / "out.csv")
    assert (tmp_path / "out.rejects.csv").exists()
    score(file(tmp_path / "in.csv", f"a,{BENIGN}"), tmp_path / "out.csv")
    assert not (tmp_path / "out.rejects.csv").exists()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.zst"])
@pytest.mark.parametrize("jobs", [1, 3])
def test_compressed_or_not_and_by_however_many_threads_the_result_is_the_same(
    score, tmp_path, monkeypatch, suffix, jobs
):
    monkeypatch.setattr(csv_blocks, "_BLOCK_BYTES", 200)
    rows = [f"{number},{(BENIGN, MALIGNANT, '4,1')[number % 3]}" for number in range(60)]
    content = file(tmp_path / "in", *rows).read_bytes()
    packed = {".csv": bytes, ".csv.gz": gzip.compress, ".csv.zst": lambda data: pa.compress(data, "zstd", asbytes=True)}
    (tmp_path / f"in{suffix}").write_bytes(packed[suffix](content))
    score(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}", "--jobs", jobs)
    written = read(tmp_path / f"out{suffix}").splitlines()
    assert [line.rsplit(",", 2)[0] for line in written] == [HEADER, *(row for row in rows if len(row) > 8)]
    assert read(tmp_path / f"out.rejects{suffix}").count("\n") == 21


CELL = st.text(st.sampled_from('ab,"\n é'), max_size=6)
GRADE = st.sampled_from([*map(str, range(1, 11)), "0", "?", "", " 3", "x"])


@settings(max_examples=50)
@given(
    rows=st.lists(st.tuples(CELL, *[GRADE] * 9, CELL), max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    last_end=st.booleans(),
    size=st.integers(1, 80),
)
def test_of_any_table_the_scored_rows_are_those_that_were_there_and_say_what_the_classifier_says(
    artifact_directory, rows, end, last_end, size
):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([("first", *FEATURES, "last"), *rows])
    content = text.getvalue().encode()
    if not last_end:
        content = content.removesuffix(end.encode())
    classifier = Classifier(artifact_directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "_BLOCK_BYTES", size)
        blocks = CsvBlocks(io.BytesIO(content))
        scored = [CsvScorer(classifier, blocks.header, explain=False)(block) for block in blocks]
    written = blocks.written_header + b"".join(bytes(block.accepted) for block in scored)
    parsed = csv_table.parse(content)
    right = [row for number, row in enumerate(parsed.rows) if number not in parsed.tumors.errors]
    found = list(csv.reader(io.StringIO(written.decode(), newline="")))[1:]
    assert [row[:-2] for row in found if row] == right
    probability = classifier.assess_many(parsed.tumors.matrix).probability
    expected = [probability[number] for number in range(len(parsed.rows)) if number not in parsed.tumors.errors]
    assert [float(row[-1]) for row in found if row] == expected
    assert sum(block.rows for block in scored) == len(parsed.rows)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_quotes_and_a_byte_order_mark_stay_as_they_were(score, tmp_path, end):
    header = "\ufeff" + HEADER.replace("id", '"the ""id"""')
    quoted = ",".join(f'"{grade}"' for grade in BENIGN.split(","))
    rows = [f'"two{end}lines, and more",{BENIGN}', f'" a ",{quoted}']
    status, answer, _ = score(file(tmp_path / "in.csv", *rows, header=header, end=end), tmp_path / "out.csv")
    assert (status, answer["rows"]) == (0, 2)
    content = (tmp_path / "out.csv").read_bytes().decode()
    for line in (header, *rows):
        assert f"{line}," in content
    assert content.endswith(end)


def test_empty_lines_are_no_rows(score, tmp_path):
    source = file(tmp_path / "in.csv", f"a,{BENIGN}", "", f"b,{BENIGN}", "d", "")
    assert score(source, tmp_path / "out.csv")[1]["rows"] == 3


def test_a_header_alone_is_a_table_of_no_rows(score, tmp_path):
    status, answer, _ = score(file(tmp_path / "in.csv"), tmp_path / "out.csv")
    assert (status, answer["rows"]) == (0, 0)
    assert (tmp_path / "out.csv").read_text() == f"{HEADER},prediction,probability\n"


def test_memory_does_not_grow_with_the_file(score, tmp_path):
    def peak(rows: int) -> int:
        source = file(tmp_path / "in.csv", *[f"a,{BENIGN}"] * rows)
        tracemalloc.start()
        allocated = pa.total_allocated_bytes()
        score(source, tmp_path / "out.csv", "--jobs", 2)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert pa.total_allocated_bytes() == allocated
        return most

    assert peak(800_000) < 1.5 * peak(400_000)
