"""Runs the evaluation on a Dask cluster, where one is named, and else on this machine."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from joblib import parallel_config

from oncology_model.scoring.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of other versions the result would be other bytes.
_SAME_VERSIONS: Final = ("oncology-model", "numpy", "scipy", "scikit-learn")


@contextmanager
def placed(scheduler: str | None) -> Iterator[None]:
    """Let joblib's calls in the block run on the workers of a cluster; None leaves them here.

    Raises:
        ClusterError: the cluster cannot be used.
    """
    if scheduler is None:
        yield
        return
    if find_spec("distributed") is None:
        raise ClusterError("--scheduler needs distributed, which is not installed: see [scale] in the Pipfile")
    from oncology_model.scoring.cluster import connected  # noqa: PLC0415 - takes a second, and few need it

    with connected(scheduler, "trainer", _SAME_VERSIONS) as client, parallel_config(backend="dask", client=client):
        yield
