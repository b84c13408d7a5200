"""What cannot be scored is refused in one line, and leaves nothing behind."""

from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oncology_model import FEATURES
from oncology_model.scoring import csv_blocks
from tests.oncology_model.scoring.conftest import BENIGN, HEADER

TABLE = f"{HEADER}\na,{BENIGN}\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty: a header row is expected"),
        (b"\n" + TABLE.encode(), "the first row must be a header"),
        (f"a,{BENIGN}\nb,{BENIGN}\n".encode(), "the first row must be a header with the columns clump_thickness"),
        (TABLE.replace(",", ";").encode(), "separated by commas; is another separator used?"),
        (TABLE.replace(",", "\t").encode(), "separated by commas; is another separator used?"),
        (TABLE.replace("mitoses", "x").encode(), "the header lacks mitoses"),
        (TABLE.replace("id", "mitoses").encode(), "the header has more than once mitoses"),
        (TABLE.replace("id", "probability").encode(), "the header already has probability"),
        (TABLE.replace("\na", "\né").encode("latin-1"), "the text is not UTF-8 (byte 166): save it as UTF-8"),
        (TABLE.replace("id", "né").encode("latin-1"), "the text is not UTF-8 (byte 1): save it as UTF-8"),
        (TABLE.encode("utf-16"), "the text is not UTF-8 (byte 0): save it as UTF-8"),
        (TABLE.replace("\na", '\n"a').encode(), "a quote is never closed"),
        (TABLE.replace("id", '"id').encode(), "the header is not CSV"),
        (TABLE.encode() + b'a"b,1\n' + TABLE.encode() + b'c"d,1\n', "its rows cannot be told apart"),
        (TABLE.encode() + f'5" long,"a\nb",{BENIGN}\n6" long,c,{BENIGN}\n'.encode(), "its rows cannot be told apart"),
        (TABLE.replace("\n", "\r").encode(), "the header is not CSV"),
        (TABLE.encode() + b"b,1\rc,1\n", "its rows cannot be told apart"),
        (f"{HEADER},{','.join(map(str, range(1_000_000)))}\n".encode(), "1,000,010 columns: at most 10,000 are read"),
    ],
)
def test_csv(refused, tmp_path, content, said):
    (tmp_path / "in.csv").write_bytes(content)
    assert said in refused(tmp_path / "in.csv")


def test_a_row_without_end_is_refused_before_it_fills_the_memory(refused, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_blocks, "_LONGEST_ROW", 10_000)
    monkeypatch.setattr(csv_blocks, "_BLOCK_BYTES", 1_000)
    (tmp_path / "in.csv").write_text(TABLE + '"' + TABLE * 1_000)
    assert "a row is longer than 10,000 bytes: is a quote never closed" in refused(tmp_path / "in.csv")


def test_compressed_csv_that_was_cut_short(refused, tmp_path):
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress((TABLE * 100).encode())[:-20])
    assert "in.csv.gz: " in refused(tmp_path / "in.csv.gz")


def test_csv_that_is_not_compressed_as_its_name_says(refused, tmp_path):
    (tmp_path / "in.csv.zst").write_text(TABLE)
    assert "in.csv.zst: " in refused(tmp_path / "in.csv.zst")


def parquet(path, **columns):
    grades = dict.fromkeys(FEATURES, pa.array([1, 2]))
    pq.write_table(pa.table(grades | columns), path)
    return path


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"mitoses": pa.array(["1", "2"])}, "the columns mitoses hold no numbers: write grades as integers"),
        ({"prediction": pa.array([1, 2])}, "the table already has prediction"),
    ],
)
def test_parquet(refused, tmp_path, columns, said):
    assert f"in.parquet: {said}" in refused(parquet(tmp_path / "in.parquet", **columns), to="out.parquet")


def test_parquet_without_the_columns(refused, tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "in.parquet")
    assert "the table lacks clump_thickness, uniformity_of" in refused(tmp_path / "in.parquet", to="out.parquet")


def test_a_file_that_is_no_parquet(refused, tmp_path):
    (tmp_path / "in.parquet").write_text(TABLE)
    assert "in.parquet: Parquet magic bytes not found" in refused(tmp_path / "in.parquet", to="out.parquet")


def test_a_file_that_grows_while_it_is_read(refused, tmp_path, monkeypatch):
    source = tmp_path / "in.csv"
    source.write_text(TABLE * 10)
    read = csv_blocks.CsvBlocks.__iter__

    def while_somebody_writes(blocks):
        with source.open("a") as file:
            file.write(f"b,{BENIGN}\n")
        yield from read(blocks)

    monkeypatch.setattr(csv_blocks.CsvBlocks, "__iter__", while_somebody_writes)
    assert "in.csv changed while it was read: score it once it is complete" in refused(source)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("absent.csv", "out.csv", "absent.csv: there is no such file, nor are there files in it named .parquet, .csv"),
        ("in.csv", "out.parquet", "CSV is scored to CSV and Parquet to Parquet"),
        ("in.csv", "out.txt", "out.txt: its name must tell its form: .parquet, .csv, .csv.gz, .csv.zst"),
        ("in.csv", "../in.csv", "what is read must not be written to"),
        (".", "out", "what is written must be outside of the folder that is read"),
        ("gs://bucket/in.csv", "out.csv", "gs://bucket/in.csv: Please install gcsfs"),
    ],
)
def test_wrong_places(refused, tmp_path, source, target, said):
    (tmp_path / "in.csv").write_text(TABLE)
    assert said in refused(source if ":" in source else tmp_path / source, to=target)


def test_a_place_where_nothing_can_be_written(refused, tmp_path):
    (tmp_path / "in.csv").write_text(TABLE)
    assert "/dev/null/a/out.csv: Not a directory" in refused(tmp_path / "in.csv", to="/dev/null/a/out.csv")


def test_a_model_without_reasons_says_so_before_anything_is_written(forest_artifact_directory, tmp_path, capsys):
    from oncology_model.commands import main  # noqa: PLC0415

    (tmp_path / "in.csv").write_text(TABLE)
    model = ["--model", str(forest_artifact_directory)]
    assert main(["score", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), "--explain", *model]) == 1
    assert "this model is not additive" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_nothing_is_quoted_from_the_file(refused, tmp_path):
    (tmp_path / "in.csv").write_text("Ms Secret,1\n")
    assert "Secret" not in refused(tmp_path / "in.csv")


def test_without_the_extra_it_says_what_to_install(score, tmp_path, monkeypatch):
    from oncology_model.commands import score as command  # noqa: PLC0415

    monkeypatch.setattr(command, "find_spec", lambda package: None if package == "pyarrow" else io)
    status, _, message = score("in.csv", tmp_path)
    assert status == 4
    assert "score needs pyarrow, which the extra has: pip install 'oncology-model[scale]'" in message
