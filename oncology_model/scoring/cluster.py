"""Connects to a Dask cluster, and sees that it can do the work before any is sent."""

from __future__ import annotations

import asyncio
import logging
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from distributed import Client, Security
from distributed.comm.core import connect

from oncology_model.scoring.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_SECONDS: Final = 10
"""To wait for a scheduler, and for its first worker."""

_EVERYWHERE: Final = ("python", "distributed")
"""What scheduler and workers must have as it is here."""


@contextmanager
def connected(scheduler: str, module: str, distributions: Collection[str]) -> Iterator[Client]:
    """A client of a cluster whose scheduler and workers have the versions that are installed here.

    Args:
        scheduler: such as tcp://host:8786.
        module: what the workers must be able to import.
        distributions: what must have the same version there, beside Dask and Python.

    Raises:
        ClusterError: there is no such scheduler, it has no workers, or something has another version.
    """
    _check_address(scheduler)
    with _quiet():
        _knock(scheduler)
        with Client(scheduler, timeout=_SECONDS, set_as_default=False) as client:
            _check_workers(client, scheduler)
            _check_versions(client, distributions)
            _check_module(client, module)
            yield client


def _check_address(scheduler: str) -> None:
    address = urlsplit(scheduler)
    if address.scheme not in {"tcp", "tls"} or not address.port:
        raise ClusterError(f"{scheduler}: this is no address of a scheduler, such as tcp://host:8786")


def _knock(scheduler: str) -> None:
    """Exchange greetings; a client that cannot would hang as it ends."""

    async def greet() -> None:
        comm = await connect(scheduler, timeout=_SECONDS, **Security().get_connection_args("client"))
        await comm.close()

    try:
        asyncio.run(greet())
    except Exception as error:  # what is no scheduler may be misunderstood in any way
        raise ClusterError(
            f"{scheduler}: no scheduler answers that this version of Dask understands ({type(error).__name__}): "
            "start one with `dask scheduler`, or correct the address"
        ) from error


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


def _check_versions(client: Client, distributions: Collection[str]) -> None:
    found: Any = client.get_versions(packages=list(distributions))
    here = found["client"]["packages"]
    _compare("the scheduler", found["scheduler"], here, _EVERYWHERE)
    for address, there in found["workers"].items():
        _compare(f"the worker {address}", there, here, (*_EVERYWHERE, *distributions))


def _compare(
    member: str, there: Mapping[str, Any] | None, here: Mapping[str, str | None], names: Collection[str]
) -> None:
    versions = there["packages"] if there else {}
    differing = [name for name in names if here[name] and _release(name, versions) != _release(name, here)]
    if differing:
        told = ", ".join(
            f"{name} {versions.get(name) or 'of no known version'}, not {here[name]}" for name in differing
        )
        raise ClusterError(f"{member} has {told}: install the same versions there as here")


def _release(name: str, versions: Mapping[str, str | None]) -> str | None:
    version = versions.get(name)
    # What one release of Python pickles, its patches read.
    return ".".join(version.split(".")[:2]) if name == "python" and version else version


def _check_module(client: Client, module: str) -> None:
    found: Any = client.run(find_spec, module)
    for worker, spec in found.items():
        if spec is None:
            raise ClusterError(f"the worker {worker} lacks {module}: start workers where it is installed")
