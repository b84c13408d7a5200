"""The classifier: one tumour or a million, by look-up in the scorecard or through scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from oncology_model import artifact as artifacts
from oncology_model.datamodel import FEATURES, Assessment, Prediction, Tumor
from oncology_model.grades import InvalidGradesError, as_matrix, codes_of, encode
from oncology_model.scorecard import ScorecardScorer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame

    from oncology_model.estimator import EstimatorScorer

BUNDLED_MODEL: Final = Path(__file__).parent / "model"
"""The artifact inside the package."""

Engine = Literal["scorecard", "estimator"]

_ENGINES: Final = get_args(Engine)

# Small enough for a block's arrays to stay in the processor's cache, and for memory not to grow with the input.
_BLOCK_ROWS: Final = 16_384

_LABELS: Final = np.array([Prediction.BENIGN.value, Prediction.MALIGNANT.value])


class NoExplanationError(ValueError):
    """This model is not additive, so that its probabilities have no exact contributions."""


@dataclass(frozen=True, slots=True)
class Assessments:
    """What the classifier says of n tumours."""

    malignant: NDArray[np.bool_]
    """Shape (n,): whether the probability reaches the threshold."""

    probability: NDArray[np.float64]
    """Shape (n,): of malignancy, from 0 to 1."""

    threshold: float

    contributions: NDArray[np.float64] | None = None
    """Shape (n, 9): see :class:`Assessment`; with ``intercept`` they sum to the log-odds. Only where asked for."""

    intercept: float | None = None

    @property
    def predictions(self) -> NDArray[np.str_]:
        """Shape (n,): "benign" or "malignant"."""
        return _LABELS[self.malignant.astype(np.intp)]


class Classifier:
    """Classifies tumours with a verified artifact.

    Args:
        directory: the artifact; the one bundled with the package by default.
        engine: "scorecard" looks up and adds, "estimator" asks scikit-learn (extra ``oncology-model[estimator]``);
            by default the scorecard where the artifact has one.
        digest: the SHA-256 that the artifact's ``manifest.json`` must have; ``ONCOLOGY_MODEL_DIGEST`` by default.

    Raises:
        ValueError: there is no such engine.
        ArtifactError: the artifact, or its combination with this engine or environment, must not be used.
    """

    def __init__(
        self,
        directory: str | Path | None = None,
        *,
        engine: Engine | None = None,
        digest: str | None = None,
    ) -> None:
        if engine not in {None, *_ENGINES}:
            raise ValueError(f"the engine must be one of {', '.join(_ENGINES)}, or None, not {engine!r}")
        artifact = artifacts.read(Path(directory or BUNDLED_MODEL), digest or artifacts.expected_digest())
        self.manifest = artifact.manifest
        self.digest = artifact.digest
        scorecard = artifact.manifest.scorecard
        if scorecard is None and engine == "scorecard":
            raise artifacts.ArtifactError(
                f"{artifact.directory} has no scorecard (its estimator is not additive): use the estimator engine"
            )
        self._threshold = artifact.manifest.threshold
        self._scorecard = ScorecardScorer(scorecard) if scorecard else None
        self._scorer: ScorecardScorer | EstimatorScorer
        if self._scorecard is None or engine == "estimator":
            from oncology_model.estimator import EstimatorScorer  # noqa: PLC0415 - a scorecard needs no scikit-learn

            self._scorer = EstimatorScorer.load(artifact)
        else:
            self._scorer = self._scorecard

    @property
    def engine(self) -> Engine:
        """What predictions come from."""
        return "scorecard" if self._scorer is self._scorecard else "estimator"

    def predict(self, tumor: Tumor) -> Prediction:
        """Classify one tumour."""
        return self.assess(tumor).prediction

    def assess(self, tumor: Tumor, *, explain: bool = False) -> Assessment:
        """Classify one tumour, and say how sure that is and, with ``explain``, why.

        Raises:
            NoExplanationError: the model is not additive.
        """
        codes = codes_of(tumor)
        probability = self._scorer.probability(codes)
        prediction = Prediction.MALIGNANT if probability >= self._threshold else Prediction.BENIGN
        contributions = None
        if explain:
            scorecard = self._explainer()
            values = [scorecard.intercept, *scorecard.contributions(codes)]
            contributions = dict(zip(("intercept", *FEATURES), values, strict=True))
        return Assessment(prediction, probability, self._threshold, contributions)

    def assess_many(self, tumors: ArrayLike | DataFrame, *, explain: bool = False) -> Assessments:
        """As :meth:`assess`, of n tumours.

        Args:
            tumors: array-like of shape (n, 9) in the order of ``FEATURES``, a missing measurement being 0 among
                integers and NaN among floats; or a DataFrame with the nine columns, in any order and among others.
            explain: also give the contributions.

        Raises:
            InvalidGradesError: a ``ValueError`` that names the cells that are no grade.
            ValueError: the shape, the columns or their type is wrong.
            NoExplanationError: the model is not additive.
        """
        matrix = as_matrix(tumors)
        explainer = self._explainer() if explain else None
        probability = np.empty(len(matrix))
        contributions = np.empty(matrix.shape) if explain else None
        for start in range(0, len(matrix), _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            try:
                codes = encode(matrix[block])
            except InvalidGradesError:
                encode(matrix)  # names the cells of all blocks
                raise
            probability[block] = self._scorer.probabilities(codes)
            if explainer is not None and contributions is not None:
                contributions[block] = explainer.contributions_of_many(codes)
        intercept = explainer.intercept if explainer else None
        return Assessments(probability >= self._threshold, probability, self._threshold, contributions, intercept)

    def assess_frame(self, tumors: DataFrame, *, explain: bool = False) -> DataFrame:
        """The same table with the columns ``prediction`` and ``probability`` added.

        With ``explain`` also ``contribution_intercept`` and one such column for each measurement. Raises as
        :meth:`assess_many`.
        """
        assessments = self.assess_many(tumors, explain=explain)
        added: dict[str, Any] = {"prediction": assessments.predictions, "probability": assessments.probability}
        if assessments.contributions is not None:
            added["contribution_intercept"] = assessments.intercept
            columns = zip(FEATURES, assessments.contributions.T, strict=True)
            added |= {f"contribution_{feature}": column for feature, column in columns}
        return tumors.assign(**added)

    def _explainer(self) -> ScorecardScorer:
        if self._scorecard is None:
            raise NoExplanationError("this model is not additive, so that it has no exact contributions")
        return self._scorecard
