"""Many files: each is a part, complete or not there, and an interrupted job goes on where it stopped."""

from __future__ import annotations

import json
import os

import pytest

from oncology_model import Classifier
from oncology_model.scoring import csv_blocks, local, part
from oncology_model.scoring.plan import plan
from tests.oncology_model.scoring.conftest import BENIGN, HEADER

TABLE = f"{HEADER}\na,{BENIGN}\n"


@pytest.fixture
def folder(tmp_path):
    """Three parts, one of them deeper, and files that are none."""
    source = tmp_path / "in"
    (source / "year=1990").mkdir(parents=True)
    for name in ("1.csv", "2.csv", "year=1990/3.csv"):
        (source / name).write_text(TABLE)
    (source / "_SUCCESS").touch()
    (source / ".1.csv.part").touch()
    (source / "README.txt").touch()
    return source


def names(path):
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_a_folder_becomes_a_folder_of_the_same_names(score, folder, tmp_path, jobs):
    status, answer, _ = score(folder, tmp_path / "out", "--jobs", jobs)
    assert (status, answer["rows"], answer["files"], answer["files_left_out"]) == (0, 3, 3, 1)
    assert names(tmp_path / "out") == ["1.csv", "2.csv", "_scored.json", "year=1990/3.csv"]


def test_a_glob_takes_what_it_matches(score, folder, tmp_path):
    assert score(folder / "*.csv", tmp_path / "out")[1]["files"] == 2
    assert score(folder / "**/3.c[s]v", tmp_path / "deep")[1]["files"] == 1
    assert names(tmp_path / "deep") == ["_scored.json", "year=1990/3.csv"]


def test_a_file_goes_into_a_folder_that_is_there(score, folder, tmp_path):
    (tmp_path / "out").mkdir()
    score(folder / "1.csv", tmp_path / "out")
    assert names(tmp_path / "out") == ["1.csv"]


def test_rejects_go_to_a_folder_beside_or_where_one_says(score, folder, tmp_path):
    (folder / "2.csv").write_text(TABLE + "b,1\n")
    assert score(folder, tmp_path / "out")[0] == 3
    assert names(tmp_path / "out.rejects") == ["2.csv"]
    assert score(folder, tmp_path / "out2", "--rejects", tmp_path / "wrong")[0] == 3
    assert names(tmp_path / "wrong") == ["2.csv"]


def test_parts_that_are_there_are_not_scored_again_and_their_rejects_still_count(score, folder, tmp_path):
    (folder / "2.csv").write_text(TABLE + "b,1\n")
    score(folder, tmp_path / "out")
    (tmp_path / "out" / "1.csv").unlink()
    before = (tmp_path / "out" / "2.csv").stat().st_mtime_ns
    status, answer, _ = score(folder, tmp_path / "out")
    assert (status, answer["files"], answer["files_done_before"], answer["rows"]) == (3, 1, 2, 1)
    assert answer["files_done_before_with_rejects"] == 1
    assert (tmp_path / "out" / "2.csv").stat().st_mtime_ns == before


def test_a_part_that_cannot_be_scored_stops_the_job_and_keeps_those_before_it(score, folder, tmp_path):
    (folder / "2.csv").write_text("no header\n")
    status, _, message = score(folder, tmp_path / "out", "--jobs", 1)
    assert status == 4
    assert f"{folder}/2.csv: the first row must be a header" in message
    assert names(tmp_path / "out") == ["1.csv", "_scored.json"]
    (folder / "2.csv").write_text(TABLE)
    assert score(folder, tmp_path / "out")[1]["files_done_before"] == 1


def test_an_interrupted_job_leaves_only_complete_parts(score, folder, tmp_path, monkeypatch):
    removed = part.remove

    def stopped(location):
        if location.endswith("2.csv"):
            raise KeyboardInterrupt
        removed(location)

    monkeypatch.setattr(part, "remove", stopped)
    assert score(folder, tmp_path / "out", "--jobs", 1)[0] == 130
    assert names(tmp_path / "out") == ["1.csv", "_scored.json"]


def test_what_a_killed_job_left_goes_once_the_part_is_there(score, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".1.csv.abcdefgh.part").write_text("half")
    score(folder, tmp_path / "out")
    assert ".1.csv.abcdefgh.part" not in names(tmp_path / "out")


def test_parts_of_another_model_are_not_mixed_with_these(score, folder, tmp_path):
    score(folder, tmp_path / "out")
    (tmp_path / "out" / "1.csv").unlink()
    status, _, message = score(folder, tmp_path / "out", "--explain")
    assert status == 4
    assert "are of another input, model or options" in message
    mark = json.loads((tmp_path / "out" / "_scored.json").read_text())
    assert mark.keys() == {"input", "model_digest", "explain"}


def test_parts_of_another_folder_are_not_taken_for_those_that_are_there(score, folder, tmp_path):
    score(folder, tmp_path / "out")
    folder.rename(tmp_path / "february")
    status, _, message = score(tmp_path / "february", tmp_path / "out")
    assert status == 4
    assert "are of another input, model or options" in message


def test_rejects_need_another_folder_than_what_was_scored(refused, folder, tmp_path):
    message = refused(folder, "--rejects", tmp_path / "scored" / "out", to="out")
    assert "the rejects must have another folder than what was scored" in message


def test_links_to_files_are_files_and_links_to_folders_are_refused(score, folder, tmp_path):
    (folder / "4.csv").symlink_to(folder / "1.csv")
    assert score(folder / "*.csv", tmp_path / "out")[1]["files"] == 3
    (folder / "year=1991").symlink_to(folder / "year=1990", target_is_directory=True)
    status, _, message = score(folder, tmp_path / "whole")
    assert status == 4
    assert "year=1991: it is no file, but perhaps a link to a folder, which is not followed" in message


def test_what_is_no_file_is_not_waited_for(score, folder, tmp_path):
    os.mkfifo(folder / "4.csv")
    status, _, message = score(folder, tmp_path / "out")
    assert status == 4
    assert "4.csv: it is no file" in message


def test_an_interrupted_job_ends_all_its_parts(folder, tmp_path, artifact_directory, monkeypatch):
    monkeypatch.setattr(csv_blocks, "_BLOCK_BYTES", 100)
    for name in ("1.csv", "2.csv"):
        (folder / name).write_text(TABLE + f"b,{BENIGN}\n" * 1000)

    def interrupt(_rows, _bytes):
        raise KeyboardInterrupt

    parts = plan(str(folder), str(tmp_path / "out"), None, {}).parts
    with pytest.raises(KeyboardInterrupt):
        local.score_parts(parts, Classifier(artifact_directory), explain=False, jobs=2, advance=interrupt)
    assert names(tmp_path / "out") == ["_scored.json"]


def test_files_of_the_same_names_that_were_not_scored_are_not_taken_for_parts(score, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.csv").write_text(TABLE)
    status, _, message = score(folder, tmp_path / "out")
    assert status == 4
    assert "files there have the same names and were not scored" in message


def test_a_folder_without_tables_is_refused(refused, tmp_path):
    (tmp_path / "in").mkdir()
    assert "nor are there files in it named .parquet, .csv" in refused(tmp_path / "in", to="out")


def test_several_files_do_not_become_one(score, folder, tmp_path):
    (tmp_path / "out").touch()
    status, _, message = score(folder, tmp_path / "out")
    assert status == 4
    assert "it is a file, and several files become a folder" in message
