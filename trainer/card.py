"""Writes the model card: the words are in ``templates/model-card.md``, the figures in the manifest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from oncology_model.derivation import TOLERANCE
from oncology_model.model_card import Estimate, Metric, ModelCard
from pages.rendering import render
from trainer.metrics import RESAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncology_model.manifest import Manifest

BUNDLED_DATA: Final = "6f11df8586fc8aa689ccb7ba9f3df8a0b9606f998cd50950fda75637ace467e1"
"""SHA-256 of ``data/breast_cancer.csv``: only of these data is the origin known here."""

NAMES: Final = {
    "roc_auc": "area under the ROC curve",
    "brier_score": "Brier score",
    "expected_calibration_error": "expected calibration error",
    "accuracy": "accuracy, at probability 0.5",
    "sensitivity": "sensitivity, at the threshold",
    "specificity": "specificity, at the threshold",
}
"""The figures that people are told, in their words."""


def write(manifest: Manifest, not_additive: str | None) -> ModelCard:
    """Say what there is to say of an artifact.

    Args:
        manifest: with the metrics of :func:`trainer.metrics.summarize`.
        not_additive: why there is no scorecard, if there is none.
    """
    metrics = manifest.metrics
    words = render(
        "trainer",
        "model-card.md",
        manifest=manifest,
        metrics=metrics,
        samples=metrics["samples"],
        matrix=metrics["nested"]["confusion_matrix"],
        tested=_tested(metrics)[0],
        bundled=manifest.data_sha256 == BUNDLED_DATA,
        not_additive=not_additive,
        tolerance=TOLERANCE,
        resamples=RESAMPLES,
        percent=lambda share: f"{100 * share:.3g} %",
        mean=lambda count: f"{count / metrics['nested']['repeats']:.3g}",
    )
    return ModelCard(**_sections(words), metrics=[_metric(metrics, *names) for names in NAMES.items()])


def _sections(words: str) -> dict[str, Any]:
    """By section, its statements."""
    sections = (section.partition("\n") for section in re.split(r"^## ", words, flags=re.MULTILINE)[1:])
    return {
        title.lower().replace(" ", "_"): [
            " ".join(statement.split()) for statement in re.split(r"^- ", content, flags=re.MULTILINE)[1:]
        ]
        for title, _, content in sections
    }


def _tested(metrics: Mapping[str, Any]) -> tuple[int, int]:
    """On how many samples the temporal evaluation tested, and how many of them are malignant."""
    groups = metrics["temporal"]["groups"]
    return sum(group["tested_on"] for group in groups), sum(group["malignant"] for group in groups)


def _metric(metrics: Mapping[str, Any], key: str, name: str) -> Metric:
    each = (metrics["samples"]["total"], metrics["samples"]["malignant"]), _tested(metrics)
    by_patient, by_arrival = (
        Estimate(
            **metrics[evaluation][key],
            samples={"sensitivity": malignant, "specificity": total - malignant}.get(key, total),
        )
        for evaluation, (total, malignant) in zip(("nested", "temporal"), each, strict=True)
    )
    return Metric(name=name, by_patient=by_patient, by_arrival=by_arrival)
