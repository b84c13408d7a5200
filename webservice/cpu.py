"""How many CPUs this process may use, as its container's quota and its affinity say."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT: Final = Path("/")


def available_cpus(root: Path = _ROOT) -> int:
    """How many CPUs can be busy at a time: at least 1, a started one counted whole.

    Args:
        root: the root of the file system, whose ``proc`` and ``sys/fs/cgroup`` are read (cgroups version 1 and 2).
    """
    return max(1, math.ceil(min(len(os.sched_getaffinity(0)), quota(root))))


def quota(root: Path = _ROOT) -> float:
    """The tightest CPU quota on this process, in CPUs; infinite where there is none.

    https://docs.kernel.org/admin-guide/cgroup-v2.html (``cpu.max``),
    https://docs.kernel.org/scheduler/sched-bwc.html (``cpu.cfs_quota_us``)
    """
    return min((_quota_of(group) for group in _groups(root)), default=math.inf)


def _groups(root: Path) -> Iterator[Path]:
    """The folders of this process's control groups that may carry a CPU quota, innermost first."""
    mount = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        hierarchy, controllers, path = line.split(":", 2)
        if hierarchy == "0":
            tree = mount
        elif "cpu" in controllers.split(","):
            tree = next((mount / name for name in (controllers, "cpu") if (mount / name).is_dir()), mount)
        else:
            continue
        # A limit holds for all groups below it. In a container the path may be the host's, of which only the mount's
        # root can be seen: then that is this process's own group.
        inner = PurePosixPath(path.lstrip("/"))
        yield from (tree / group for group in (inner, *inner.parents))


def _quota_of(group: Path) -> float:
    limit, _, period = _read(group / "cpu.max").partition(" ")
    if not limit:
        limit, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    if limit in {"", "max", "-1"}:
        return math.inf
    return int(limit) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
