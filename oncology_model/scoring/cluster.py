"""Connects to a Dask cluster, and sees that it can do the work before any is sent."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from distributed import Client

from oncology_model.scoring.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_SECONDS: Final = 10
"""To wait for a scheduler, and for its first worker."""

_EVERYWHERE: Final = ("python", "distributed")


@contextmanager
def connected(scheduler: str, packages: Collection[str]) -> Iterator[Client]:
    """A client of a cluster whose scheduler and workers have the versions that are installed here.

    Args:
        scheduler: such as tcp://host:8786.
        packages: what the workers must have too, by the names they are imported by.

    Raises:
        ClusterError: there is no such scheduler, it has no workers, or something has another version.
    """
    with _quiet():
        try:
            client = Client(scheduler, timeout=_SECONDS, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise ClusterError(
                f"{scheduler}: no scheduler answers that this version of Dask understands ({type(error).__name__}): "
                "start one with `dask scheduler`, or correct the address"
            ) from error
        with client:
            _check_workers(client, scheduler)
            _check_versions(_versions(client, packages), packages)
            yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own reports of lost connections and of versions to itself: the errors raised here say it."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        logger.setLevel(level)


def _check_workers(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError:
        raise ClusterError(f"{scheduler}: it has no workers: start some with `dask worker {scheduler}`") from None


def _versions(client: Client, packages: Collection[str]) -> Mapping[str, Any]:
    found = client.get_versions(packages=list(packages))
    assert isinstance(found, dict)  # noqa: S101 - a coroutine only from an asynchronous client
    return found


def _check_versions(found: Mapping[str, Any], packages: Collection[str]) -> None:
    here = found["client"]["packages"]
    members: dict[str, tuple[Any, tuple[str, ...]]] = {"the scheduler": (found["scheduler"], _EVERYWHERE)}
    members |= {
        f"the worker {address}": (there, (*_EVERYWHERE, *packages)) for address, there in found["workers"].items()
    }
    for member, (there, needed) in members.items():
        versions = there["packages"] if there else {}
        if differing := [name for name in needed if _significant(name, versions) != _significant(name, here)]:
            told = ", ".join(f"{name} {versions.get(name)} and not {here[name]}" for name in differing)
            raise ClusterError(f"{member} has {told}: install the same versions there as here")


def _significant(package: str, versions: Mapping[str, str | None]) -> str | None:
    version = versions.get(package)
    # 3.11.7.final.0: what one release of Python pickles, its patches read.
    return ".".join(version.split(".")[:2]) if package == "python" and version else version
