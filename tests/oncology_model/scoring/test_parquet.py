"""Parquet is scored with the values and types of all columns kept."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oncology_model import FEATURES, Classifier
from oncology_model.grades import MISSABLE_MASK, draw
from oncology_model.scoring import parquet_file
from oncology_model.scoring.part import Part

TUMORS = draw(500, seed=3)


def table(kind=None, codes=TUMORS):
    """Tumours between columns that must not change."""
    columns = (pa.array(column.tolist(), mask=column == 0).cast(kind or pa.int64()) for column in codes.T)
    kept = {
        "id": pa.array([f"p{number}" for number in range(len(codes))]).dictionary_encode(),
        "when": pa.array(np.arange(len(codes)), pa.timestamp("us", "UTC")),
        "notes": pa.array([[{"a": number}, None] for number in range(len(codes))]),
    }
    made = pa.table(kept | dict(zip(FEATURES, columns, strict=True)))
    return made.select([*reversed(made.column_names)]).replace_schema_metadata({"made": "here"})


@pytest.fixture
def scored(score, tmp_path):
    """Scores a table; gives the status, and the tables of rows that were scored and of rejects."""

    def run(source: pa.Table, *options: object):
        pq.write_table(source, tmp_path / "in.parquet", row_group_size=100)
        status, _, _ = score(tmp_path / "in.parquet", tmp_path / "out.parquet", *options)
        rejects = tmp_path / "out.rejects.parquet"
        return status, pq.read_table(tmp_path / "out.parquet"), pq.read_table(rejects) if rejects.exists() else None

    return run


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint16(), pa.int64(), pa.float32(), pa.float64()])
def test_grades_may_be_of_any_numeric_type(scored, artifact_directory, kind):
    status, out, rejects = scored(table(kind))
    assert (status, rejects) == (0, None)
    expected = Classifier(artifact_directory).assess_many(TUMORS)
    assert out["probability"].to_pylist() == expected.probability.tolist()
    assert out["prediction"].to_pylist() == expected.predictions.tolist()


@pytest.mark.parametrize("jobs", [1, 3])
def test_other_columns_keep_their_values_types_and_order(scored, monkeypatch, jobs):
    monkeypatch.setattr(parquet_file, "_BATCH_ROWS", 70)
    source = table()
    _, out, _ = scored(source, "--jobs", jobs)
    assert out.column_names == [*source.column_names, "prediction", "probability"]
    assert out.drop_columns(["prediction", "probability"]).equals(source)
    assert out.schema.metadata == {b"made": b"here"}


def test_memory_does_not_grow_with_the_file(tmp_path, artifact_directory, monkeypatch):
    monkeypatch.setattr(parquet_file, "_BATCH_ROWS", 20)
    random = np.random.default_rng(0)
    images = pa.array(random.bytes(20_000) for _ in TUMORS)
    pq.write_table(table().append_column("image", images), tmp_path / "in.parquet", row_group_size=20)
    size = (tmp_path / "in.parquet").stat().st_size
    part = Part(str(tmp_path / "in.parquet"), "", "", size)
    tracemalloc.start()
    try:
        for _ in parquet_file.scored(part, Classifier(artifact_directory), explain=False, jobs=1):
            pass
        _, most = tracemalloc.get_traced_memory()  # of Python, which has read the bytes
    finally:
        tracemalloc.stop()
    assert most < size / 4


def test_large_rows_come_in_smaller_batches(scored, monkeypatch, tmp_path):
    monkeypatch.setattr(parquet_file, "_BATCH_BYTES", 100_000)
    random = np.random.default_rng(0)
    _, out, _ = scored(table().append_column("image", pa.array(random.bytes(2000) for _ in TUMORS)))
    assert out.num_rows == len(TUMORS)
    assert pq.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0).num_rows < 100


def test_contributions_are_added_where_they_are_asked_for(scored, artifact_directory):
    _, out, _ = scored(table(), "--explain")
    expected = Classifier(artifact_directory).assess_many(TUMORS, explain=True)
    columns = [out[f"contribution_{feature}"].to_numpy() for feature in FEATURES]
    assert (np.stack(columns, axis=1) == expected.contributions).all()
    assert set(out["contribution_intercept"].to_pylist()) == {expected.intercept}


@pytest.mark.parametrize("wrong", [0, 11, -1, 300, 2.5, float("inf"), None])
def test_rows_that_are_no_tumours_go_to_the_rejects_with_the_reason(scored, wrong):
    source = table(pa.float64())
    at = source.schema.get_field_index("mitoses")
    values = [wrong if row in {5, 499} else value for row, value in enumerate(source["mitoses"].to_pylist())]
    source = source.set_column(at, "mitoses", pa.array(values, pa.float64()))
    status, out, rejects = scored(source)
    assert status == 3
    assert rejects["reject_reason"].to_pylist() == ["mitoses must be an integer from 1 to 10"] * 2
    assert rejects.drop_columns(["reject_reason"]).equals(source.take([5, 499]))
    assert out["id"].to_pylist() == [f"p{number}" for number in range(500) if number not in {5, 499}]


def test_nan_is_missing_as_null_is(scored, artifact_directory):
    codes = TUMORS[TUMORS[:, MISSABLE_MASK].ravel() == 0]
    source = table(pa.float64(), codes)
    at = source.schema.get_field_index("bare_nuclei")
    _, out, _ = scored(source.set_column(at, "bare_nuclei", pa.array([float("nan")] * len(codes))))
    assert out["probability"].to_pylist() == Classifier(artifact_directory).assess_many(codes).probability.tolist()


def test_a_column_of_nulls_alone_has_no_type_and_is_missing(scored):
    codes = TUMORS[TUMORS[:, MISSABLE_MASK].ravel() == 0]
    source = table(codes=codes)
    at = source.schema.get_field_index("bare_nuclei")
    status, out, _ = scored(source.set_column(at, "bare_nuclei", pa.nulls(len(codes))))
    assert (status, len(out)) == (0, len(codes))


def test_a_table_of_no_rows_stays_one(scored):
    status, out, _ = scored(table().slice(0, 0))
    assert (status, len(out)) == (0, 0)
    assert out.column_names[-2:] == ["prediction", "probability"]
