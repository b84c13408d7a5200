"""Environments: each peer in one of its own, with the versions that its requirements file pins."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from typing import TYPE_CHECKING, Final

from benchmarks.peers import FOLDER, REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers import Peer

# What the service's image installs, with granian.
_OUR_CATEGORIES: Final = ("default", "webservice", "granian")


def install(peer: Peer, build: Path) -> Path:
    """Install a peer, unless that was done, and return the folder of its commands.

    Raises:
        subprocess.CalledProcessError: pip could not; its output tells why.
    """
    environment = build / "environments" / _name(peer)
    installed = environment / "requirements.txt"
    wanted = requirements(peer)
    if not installed.exists() or installed.read_text() != wanted:
        venv.create(environment, clear=True, with_pip=True)
        request = environment / "requested.txt"
        request.write_text(wanted)
        pip = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(request)], check=True, capture_output=True, text=True)
        request.replace(installed)
    return environment / "bin"


def _name(peer: Peer) -> str:
    if peer.ours:
        return "oncology-extra" if peer.extra else "oncology"
    return peer.name


def requirements(peer: Peer) -> str:
    """The pinned requirements of a peer; for this service what its own lock file says."""
    if not peer.ours:
        return (FOLDER / peer.name / "requirements.txt").read_text()
    lock = json.loads((REPOSITORY / "Pipfile.lock").read_text())
    pins = {name: entry["version"] for category in _OUR_CATEGORIES for name, entry in lock[category].items()}
    return "".join(f"{line}\n" for line in [*(name + version for name, version in sorted(pins.items())), *peer.extra])


def versions(peer: Peer) -> dict[str, str]:
    """The versions of the packages that the report names."""
    pins = dict(line.lower().split("==") for line in requirements(peer).splitlines() if "==" in line)
    return {package: pins[package] for package in peer.packages}


def variables(binaries: Path) -> dict[str, str]:
    """A clean environment for a peer's processes: nothing of this one's Python leaks in."""
    return {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": os.environ["HOME"], "LANG": "C.UTF-8"}
