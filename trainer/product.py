"""Turns a selection into what is shipped: the fitted estimator's bytes and its manifest."""

from __future__ import annotations

import io
import platform
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from joblib.numpy_pickle import NumpyPickler
from sklearn.base import clone
from sklearn.model_selection import FixedThresholdClassifier
from threadpoolctl import threadpool_limits

import oncology_model
from oncology_model import derivation
from oncology_model.artifact import sha256
from oncology_model.datamodel import FEATURES
from oncology_model.estimator import EstimatorScorer
from oncology_model.manifest import Manifest
from trainer import card

if TYPE_CHECKING:
    from oncology_model.scorecard import Scorecard
    from trainer.dataset import Dataset
    from trainer.selection import Selection


@dataclass(frozen=True, slots=True)
class Product:
    """An artifact that has not been written yet."""

    model: bytes
    manifest: Manifest
    not_additive: str | None
    """Why there is no scorecard, if there is none."""


def make(data: Dataset, selection: Selection, metrics: dict[str, Any], model_version: str | None = None) -> Product:
    """Fit what was selected on all samples, and derive its scorecard.

    Args:
        data: the training data.
        selection: candidate and threshold.
        metrics: what the manifest is to say of the evaluation; the same inputs give the same bytes.
        model_version: by default the package's version and the first eight digits of the model's SHA-256.
    """
    estimator = FixedThresholdClassifier(
        clone(selection.candidate.estimator),
        threshold=selection.threshold,
        pos_label=1,
        response_method="predict_proba",
    )
    with threadpool_limits(1):  # sums in another order would be other bytes
        estimator.fit(data.X, data.y)
        derived, not_additive = _scorecard(estimator, selection.threshold, data)
    model = _dump(estimator)
    digest = sha256(model)
    manifest = Manifest(
        model_version=model_version or f"{oncology_model.__version__}-{digest[:8]}",
        model_sha256=digest,
        data_sha256=data.digest,
        versions={"python": platform.python_version()}
        | {library: version(library) for library in ("scikit-learn", "numpy")},
        features=list(FEATURES),
        threshold=selection.threshold,
        training_distribution=data.distribution(),
        metrics=metrics,
        scorecard=derived,
    )
    return Product(model, manifest, not_additive)


def with_card(product: Product) -> Product:
    """The same artifact, with what a person should know of it."""
    written = card.write(product.manifest, product.not_additive)
    return replace(product, manifest=product.manifest.model_copy(update={"model_card": written}))


class _Pickler(NumpyPickler):  # type: ignore[misc]
    """What ``joblib.dump`` uses, but equal strings are always written as one.

    Else the bytes would tell which of them happen to be one object, and so whether the selection was made in this
    process or came from another.
    """

    def save(self, obj: Any) -> None:  # noqa: ANN401 - whatever an estimator holds
        super().save(sys.intern(obj) if type(obj) is str else obj)


def _dump(estimator: FixedThresholdClassifier) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer).dump(estimator)
    return buffer.getvalue()


def _scorecard(
    estimator: FixedThresholdClassifier, threshold: float, data: Dataset
) -> tuple[Scorecard | None, str | None]:
    try:
        return derivation.derive(EstimatorScorer(estimator), threshold, data.codes), None
    except derivation.NotAdditiveError as error:
        return None, str(error)
