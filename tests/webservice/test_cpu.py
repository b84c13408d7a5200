"""How many CPUs: the container's quota, in the files of both versions of cgroups."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

import pytest

from webservice.cpu import available_cpus, quota

if TYPE_CHECKING:
    from pathlib import Path

    Root = Path

UNLIMITED = "max 100000"


def write(root: Path, **files: str) -> Path:
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", encoding="ascii")
    return root


def version_2(root: Path, group: str, limits: dict[str, str]) -> Path:
    write(root, proc__self__cgroup=f"0::{group}")
    return write(root, **{f"sys/fs/cgroup{folder}/cpu.max": limit for folder, limit in limits.items()})


def version_1(root: Path, group: str, folder: str, quota_us: int) -> Path:
    write(root, proc__self__cgroup=f"12:pids:/pods/x\n4:cpu,cpuacct:{group}\n0::{group}")
    files = {"cpu.cfs_quota_us": str(quota_us), "cpu.cfs_period_us": "100000"}
    return write(root, **{f"sys/fs/cgroup/{folder}/{name}": content for name, content in files.items()})


def test_version_2_in_a_container_shows_its_own_group_as_the_root(tmp_path: Path) -> None:
    assert quota(version_2(tmp_path, "/", {"": "250000 100000"})) == 2.5


def test_version_2_without_a_limit_has_no_quota(tmp_path: Path) -> None:
    assert quota(version_2(tmp_path, "/", {"": UNLIMITED})) == math.inf


def test_version_2_limits_of_outer_groups_hold(tmp_path: Path) -> None:
    limits = {"/pods/x": "400000 100000", "/pods": "150000 100000", "": UNLIMITED}
    assert quota(version_2(tmp_path, "/pods/x", limits)) == 1.5


def test_version_2_groups_of_the_host_may_be_out_of_sight(tmp_path: Path) -> None:
    assert quota(version_2(tmp_path, "/../../pods/x", {"": "50000 100000"})) == 0.5


@pytest.mark.parametrize("folder", ["cpu,cpuacct", "cpu", "cpu,cpuacct/pods/x", "cpu/pods"])
def test_version_1_is_found_wherever_it_is_mounted(tmp_path: Path, folder: str) -> None:
    assert quota(version_1(tmp_path, "/pods/x", folder, 300_000)) == 3


def test_version_1_without_a_limit_has_no_quota(tmp_path: Path) -> None:
    assert quota(version_1(tmp_path, "/", "cpu", -1)) == math.inf


def test_a_system_without_control_groups_has_no_quota(tmp_path: Path) -> None:
    assert quota(tmp_path) == math.inf


def test_a_part_of_a_cpu_is_used_as_one(tmp_path: Path) -> None:
    assert available_cpus(version_2(tmp_path, "/", {"": "20000 100000"})) == 1


def test_a_started_cpu_counts_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))
    assert available_cpus(version_2(tmp_path, "/", {"": "150000 100000"})) == 2


def test_affinity_bounds_a_generous_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 3, 5})
    assert available_cpus(version_2(tmp_path, "/", {"": "800000 100000"})) == 3
    assert available_cpus(tmp_path / "nothing") == 3
