"""Plans a job: which files become which, and which of them are there already."""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fsspec.core import has_magic

from oncology_model.scoring.errors import ScoringError
from oncology_model.scoring.files import is_local, open_filesystem, url, whole
from oncology_model.scoring.forms import NAMES, is_parquet, is_table, rejects_of
from oncology_model.scoring.part import Part
from oncology_model.scoring.translation import shown, translated

if TYPE_CHECKING:
    from collections.abc import Mapping

# Whoever reads a folder of tables passes over names that begin with these.
_HIDDEN: Final = ("_", ".")
_MARK: Final = "_scored.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do."""

    parts: list[Part]
    """Still to be scored, in order."""
    rejects: str
    """Of a single file the file, of several their folder."""
    done: int = 0
    """How many parts are there already, complete, from an earlier run."""
    done_with_rejects: int = 0
    left_out: int = 0
    """How many files are no tables by their names."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The tables below ``root``, a URL, by their paths there, and their sizes in bytes."""

    root: str
    tables: dict[str, int]
    left_out: int


def plan(source: str, target: str, rejects: str | None, mark: Mapping[str, Any]) -> Plan:
    """Find the files.

    Args:
        source: a file, a folder or a glob, by path or URL.
        target: for a single file a file, or a folder that is there; else a folder.
        rejects: for a single file a file, else a folder; by default beside the target.
        mark: what all parts of a folder have in common, such as the model; it is kept in the folder.

    Raises:
        ScoringError: there is nothing to score, the target is in the source's place, or holds parts of another mark.
    """
    filesystem, path = open_filesystem(source)
    with translated(source):
        if not has_magic(path) and filesystem.isfile(path):
            return _single(url(filesystem, path), filesystem.size(path), target, rejects)
        found = _find(filesystem, path)
    if not found.tables:
        raise ScoringError(f"{shown(source)}: there is no such file, nor are there files in it named {NAMES}")
    return _several(found, target, rejects, mark)


def _find(filesystem: Any, path: str) -> _Found:  # noqa: ANN401 - fsspec has no types
    if has_magic(path):
        found = filesystem.glob(path, detail=True).items()
        files = {name: info for name, info in found if info["type"] != "directory"}
        root = path[: min(path.find(mark) for mark in "*?[" if mark in path)].rpartition("/")[0]
    else:
        # By default, fsspec passes over folders of this machine that cannot be read.
        strictly = {"on_error": "raise"} if is_local(filesystem) and filesystem.isdir(path) else {}
        files, root = filesystem.find(path, detail=True, **strictly), path.rstrip("/")
    if is_local(filesystem):
        for name in files:
            _check_regular(name)
    sizes = {posixpath.relpath(name, root): info["size"] for name, info in sorted(files.items())}
    visible = {
        name: size for name, size in sizes.items() if not any(step.startswith(_HIDDEN) for step in name.split("/"))
    }
    tables = {name: size for name, size in visible.items() if is_table(name)}
    return _Found(url(filesystem, root), tables, len(visible) - len(tables))


def _check_regular(name: str) -> None:
    if not Path(name).is_file():  # or a link to one
        raise ScoringError(f"{shown(name)}: it is no file, but perhaps a link to a folder, which is not followed")


def _single(source: str, size: int, target: str, rejects: str | None) -> Plan:
    filesystem, path = open_filesystem(target)
    with translated(target):
        if filesystem.isdir(path):
            path = posixpath.join(path, posixpath.basename(source))
        target = url(filesystem, path)
    for name in (source, target):
        if not is_table(name):
            raise ScoringError(f"{shown(name)}: its name must tell its form: {NAMES}")
    if is_parquet(source) != is_parquet(target):
        raise ScoringError(f"{shown(target)}: CSV is scored to CSV and Parquet to Parquet: name it so")
    rejects = _check_rejects(rejects, source) if rejects else rejects_of(target)
    part = Part(source, target, rejects, size)
    if len({part.source, part.target, part.rejects}) < len(("source", "target", "rejects")):
        raise ScoringError(f"{shown(target)}: what is read must not be written to: name another file")
    return Plan([part], part.rejects)


def _check_rejects(name: str, source: str) -> str:
    filesystem, path = open_filesystem(name)
    with translated(name):
        if filesystem.isdir(path) or not is_table(path) or is_parquet(path) != is_parquet(source):
            raise ScoringError(f"{shown(name)}: rejects go to a file of the form that is read: name it so")
        return url(filesystem, path)


def _several(found: _Found, target: str, rejects: str | None, mark: Mapping[str, Any]) -> Plan:
    target = url(*open_filesystem(target))
    rejects = url(*open_filesystem(rejects)) if rejects else f"{target}.rejects"
    for written in (target, rejects):
        if f"{written}/".startswith(f"{found.root}/"):
            raise ScoringError(f"{shown(written)}: what is written must be outside of the folder that is read")
    if rejects == target:
        raise ScoringError(f"{shown(rejects)}: the rejects must have another folder than what was scored")
    mark = {"input": found.root, **mark}
    filesystem, path = open_filesystem(target)
    with translated(target):
        if filesystem.isfile(path):
            raise ScoringError(f"{shown(target)}: it is a file, and several files become a folder: name another")
        there = {posixpath.relpath(name, path) for name in filesystem.find(path)}
    filesystem, path = open_filesystem(rejects)
    with translated(rejects):
        rejected = {posixpath.relpath(name, path) for name in filesystem.find(path)}
    parts = [
        Part(f"{found.root}/{name}", f"{target}/{name}", f"{rejects}/{name}", size)
        for name, size in found.tables.items()
        if name not in there
    ]
    done = there & found.tables.keys()
    if _MARK in there:
        _check_mark(f"{target}/{_MARK}", mark)
    elif done:
        raise ScoringError(f"{shown(target)}: files there have the same names and were not scored: name another folder")
    else:
        with whole(f"{target}/{_MARK}") as file:
            file.write(_written(mark))
    return Plan(parts, rejects, len(done), len(done & rejected), found.left_out)


def _check_mark(location: str, mark: Mapping[str, Any]) -> None:
    filesystem, path = open_filesystem(location)
    with translated(location):
        there = filesystem.cat_file(path)
    if there != _written(mark):
        raise ScoringError(
            f"{shown(location)}: the parts there are of another input, model or options: "
            "name another folder, or remove this one"
        )


def _written(mark: Mapping[str, Any]) -> bytes:
    return json.dumps(mark, indent=2).encode()
