"""Scores the parts of a job on a Dask cluster: each is a task, which another worker does again if one is lost."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from distributed import KilledWorker, Worker, WorkerPlugin, as_completed, get_worker

from oncology_model import artifact
from oncology_model.classifier import Classifier
from oncology_model.scoring.cluster import connected
from oncology_model.scoring.errors import ClusterError
from oncology_model.scoring.part import Counts, Part, score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oncology_model.artifact import Artifact

_SAME_VERSIONS: Final = ("oncology-model", "numpy", "pyarrow")


class ModelPlugin(WorkerPlugin):
    """Gives each worker, also one that joins later, the artifact once, which it verifies before it is used.

    Raises:
        ArtifactError: what arrived has another digest, or the worker's own ``ONCOLOGY_MODEL_DIGEST`` asks for another.
    """

    def __init__(self, model: Artifact) -> None:
        self.name = f"oncology-model-{uuid4().hex}"
        self._digest = model.digest
        manifest = (model.directory / artifact.MANIFEST_FILE).read_bytes()
        self._files = {artifact.MANIFEST_FILE: manifest, artifact.MODEL_FILE: model.model}
        self.classifier: Classifier | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"classifier": None}

    def setup(self, worker: Worker) -> None:
        """Called by Dask in the worker."""
        del worker
        with TemporaryDirectory() as folder:
            for name, content in self._files.items():
                (Path(folder) / name).write_bytes(content)
            self.classifier = Classifier(folder, digest=artifact.expected_digest() or self._digest)


def score_parts(
    parts: Sequence[Part],
    model: Artifact,
    *,
    explain: bool,
    scheduler: str,
    advance: Callable[[int, int], None],
) -> Counts:
    """As :func:`oncology_model.scoring.local.score_parts`, by the workers of a cluster, each part as by ``jobs=1``.

    Raises:
        ClusterError: the cluster cannot be used, or workers died of a part.
        ScoringError: a worker cannot read or write a part.
    """
    counts = Counts()
    with connected(scheduler, "oncology_model", _SAME_VERSIONS) as client:
        plugin = ModelPlugin(model)
        client.register_plugin(plugin)
        try:
            futures = client.map(partial(_score, plugin.name, explain=explain), parts, pure=False)
            part_of = dict(zip(futures, parts, strict=True))
            for future, done in as_completed(part_of, loop=client.loop, with_results=True):
                counts += done
                advance(done.rows, part_of[future].size)
        except KilledWorker as error:
            raise ClusterError(
                f"{scheduler}: one worker after another died of the same file: see their logs, give them more memory"
            ) from error
        finally:
            client.unregister_worker_plugin(plugin.name)
    return counts


def _score(plugin: str, part: Part, *, explain: bool) -> Counts:
    found = get_worker().plugins[plugin]
    assert isinstance(found, ModelPlugin)  # noqa: S101
    assert found.classifier is not None  # noqa: S101 - the worker would not have started
    return score(part, found.classifier, explain=explain)
