"""S3 as a place like any other, against a real server of it."""

from __future__ import annotations

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oncology_model import FEATURES
from oncology_model.scoring.files import whole
from tests.oncology_model.scoring.conftest import BENIGN, HEADER
from tests.storage.conftest import aws, bucket, s3_server  # noqa: F401 - fixtures

TABLE = f"{HEADER}\na,{BENIGN}\n"


def write(url: str, content: bytes) -> None:
    with fsspec.open(url, "wb") as file:
        file.write(content)


def read(url: str) -> bytes:
    with fsspec.open(url, "rb") as file:
        return file.read()


def names(url: str) -> list[str]:
    filesystem, path = fsspec.url_to_fs(url)
    filesystem.invalidate_cache()
    return sorted(name.removeprefix(f"{path}/") for name in filesystem.find(path))


def test_a_folder_there_is_scored_to_another_and_goes_on_where_it_stopped(score, bucket):  # noqa: F811
    write(f"{bucket}/in/1.csv", TABLE.encode())
    write(f"{bucket}/in/deep/2.csv", TABLE.encode() + b"b,1\n")
    assert score(f"{bucket}/in", f"{bucket}/out")[0] == 3
    assert names(f"{bucket}/out") == ["1.csv", "_scored.json", "deep/2.csv"]
    assert names(f"{bucket}/out.rejects") == ["deep/2.csv"]
    assert read(f"{bucket}/out/1.csv").startswith(f"{HEADER},prediction,probability\na,{BENIGN},benign,".encode())
    assert score(f"{bucket}/in", f"{bucket}/out")[1]["files_done_before"] == 2


def test_from_there_to_here_and_back(score, bucket, tmp_path):  # noqa: F811
    pq.write_table(pa.table({feature: [1, 2] for feature in FEATURES}), tmp_path / "in.parquet")
    assert score(tmp_path / "in.parquet", f"{bucket}/there.parquet")[0] == 0
    columns = ["prediction", "probability"]
    with fsspec.open(f"{bucket}/there.parquet") as there:
        pq.write_table(pq.read_table(there).drop_columns(columns), tmp_path / "back.parquet")
    assert score(f"{bucket}/there.parquet", tmp_path / "out.parquet")[0] == 4  # has the columns already
    assert score(tmp_path / "back.parquet", tmp_path / "out.parquet")[0] == 0


def test_what_fails_while_it_is_written_is_not_there(bucket):  # noqa: F811
    unwritable = (b"x" * (6 << 20), None)  # the first is more than one part of an upload
    with pytest.raises(TypeError), whole(f"{bucket}/half.csv") as file:
        file.writelines(unwritable)
    assert names(bucket) == []


def test_a_bucket_that_is_not_there_is_named_in_one_line(score, bucket):  # noqa: F811
    status, _, message = score(f"{bucket}-absent/in.csv", "out.csv")
    assert status == 4
    assert message.count("\n") == 1
    assert "-absent/in.csv: The specified bucket does not exist" in message


def test_absent_credentials_are_named_in_one_line(score, bucket, aws):  # noqa: F811
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        aws.delenv(name)
    status, _, message = score(f"{bucket}/in.csv", "out.csv")
    assert status == 4
    assert message.count("\n") == 1
    assert "credentials" in message.lower() or "no such file" in message
