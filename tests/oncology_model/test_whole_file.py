"""Files that are there complete or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from oncology_model.whole_file import remove_unfinished, replace_file, whole_file

if TYPE_CHECKING:
    from pathlib import Path


def write_half(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_it_takes_the_place_of_the_one_before_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"before")
    with whole_file(path) as file:
        file.write(b"after")
        file.flush()
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_who_may_read_it_is_as_the_process_is_told(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        replace_file(tmp_path / "table.csv", b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "table.csv").stat().st_mode) == mode


def test_one_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_writers_left_can_be_removed_and_nothing_else(tmp_path: Path) -> None:
    path, other = tmp_path / "t[1].csv", tmp_path / "t[1].csv.gz"
    unfinished = [whole_file(path), whole_file(path), whole_file(other)]
    for writer in unfinished:
        writer.__enter__()  # and never ended
    replace_file(path, b"whole")
    remove_unfinished(path)
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left[0].startswith(".t[1].csv.gz.")
    assert left[1:] == ["t[1].csv"]
