"""The manifest: what there is to know of an artifact, apart from the estimator itself."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from oncology_model.datamodel import FEATURES
from oncology_model.grades import CODES
from oncology_model.model_card import ModelCard  # noqa: TC001 - pydantic reads the annotation
from oncology_model.scorecard import Scorecard  # noqa: TC001 - pydantic reads the annotation

FORMAT_VERSION: Final = 1

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What ``manifest.json`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    format_version: Literal[1] = FORMAT_VERSION
    model_version: str
    model_sha256: Sha256
    """Of ``model.joblib``."""
    data_sha256: Sha256
    """Of the training data's file."""
    versions: dict[str, str]
    """Of Python and the libraries that made the estimator."""
    features: list[str]
    threshold: Annotated[float, Field(gt=0, lt=1)]
    """The probability of malignancy from which a tumour is called malignant."""
    training_distribution: dict[str, list[int]]
    """By measurement, how many training rows have each of ``[missing, 1, 2, … 10]``."""
    metrics: dict[str, Any]
    """As in ``metrics.json``."""
    scorecard: Scorecard | None
    """Null where the estimator is not additive in log-odds and is served through scikit-learn."""
    # Left out where there is none, so that a manifest from before there were cards keeps its bytes and its digest.
    model_card: Annotated[ModelCard | None, Field(exclude_if=lambda card: card is None)] = None
    """What a person should know before using the model; absent where its trainer did not tell."""

    def to_json(self) -> str:
        """The content of ``manifest.json``, whose SHA-256 is the artifact's digest."""
        return json.dumps(self.model_dump(mode="json"), indent=2) + "\n"

    @field_validator("features")
    @classmethod
    def _are_ours(cls, features: list[str]) -> list[str]:
        if features != list(FEATURES):
            raise ValueError(f"the features must be {', '.join(FEATURES)}")
        return features

    @field_validator("versions")
    @classmethod
    def _name_the_writer(cls, versions: dict[str, str]) -> dict[str, str]:
        if "scikit-learn" not in versions:
            raise ValueError("the version of scikit-learn is missing")
        return versions

    @field_validator("training_distribution")
    @classmethod
    def _counts_every_code(cls, distribution: dict[str, list[int]]) -> dict[str, list[int]]:
        if tuple(distribution) != FEATURES or any(len(counts) != CODES for counts in distribution.values()):
            raise ValueError(f"the training distribution must have {CODES} counts for each feature")
        return distribution
