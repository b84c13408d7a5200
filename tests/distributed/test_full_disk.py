"""A disk that is full: one line, and nothing half-done."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.oncology_model.scoring.conftest import BENIGN, HEADER, score  # noqa: F401 - a fixture

pytestmark = pytest.mark.distributed


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    if os.getuid():
        pytest.skip("only root may mount a small file system to fill")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("wrong", ["", "b,1\n"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_does_not_fit_is_not_there(score, small_disk, tmp_path, wrong, jobs):  # noqa: F811
    (tmp_path / "in.csv").write_text(f"{HEADER}\n" + f"a,{BENIGN}\n{wrong}" * 100_000)
    status, _, message = score(tmp_path / "in.csv", small_disk / "out.csv", "--jobs", jobs)
    assert status == 4
    assert "No space left on device" in message
    assert message.count("\n") == 1
    assert list(small_disk.iterdir()) == []
