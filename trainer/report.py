"""Writes ``report.html``: all that one training found, for people, in one file that opens anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncology_model.artifact import sha256
from pages.rendering import render
from trainer import curves, details, plots
from trainer.by_hand import MOST_ROUNDING, by_hand
from trainer.checks import checks
from trainer.evaluation import pooled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncology_model.manifest import Manifest
    from trainer.dataset import Dataset
    from trainer.evaluation import Evaluation
    from trainer.product import Product


def write(data: Dataset, evaluation: Evaluation, product: Product, failures: list[str]) -> str:
    """The page; the same training gives the same bytes.

    Args:
        data: the training data.
        evaluation: what was found of them.
        product: the artifact, with its model card.
        failures: why the quality gate is closed, if it is.
    """
    manifest, metrics = product.manifest, product.manifest.metrics
    evaluations = {"by patient": evaluation.nested, "in order of arrival": pooled(evaluation.temporal)}
    steps = details.steps(data, evaluation.temporal)
    bins = details.calibration(data, evaluation.nested)
    return render(
        "trainer",
        "report.html",
        manifest=manifest,
        card=manifest.model_card,
        metrics=metrics,
        failures=failures,
        not_additive=product.not_additive,
        matrix={
            name: f"{n / metrics['nested']['repeats']:.4g}" for name, n in metrics["nested"]["confusion_matrix"].items()
        },
        roc=curves.roc(data, evaluations),
        precision_recall=curves.precision_recall(data, evaluations),
        calibration=plots.calibration(bins),
        bins=[
            [f"{each.low:.1f} to {each.high:.1f}", each.malignant.of, f"{each.mean:.3f}", each.malignant]
            for each in bins
        ],
        histogram=plots.histogram(data, evaluation.nested, manifest.threshold),
        temporal=plots.temporal(steps),
        steps=_steps(metrics, steps),
        candidates=plots.candidates(metrics["candidates"]),
        scores=_scores(metrics),
        by_hand=manifest.scorecard and by_hand(manifest.scorecard, manifest.threshold),
        most_rounding=MOST_ROUNDING,
        errors=details.misclassified(data, evaluation.nested),
        checks=checks(data),
        digests=_digests(manifest),
    )


def _steps(metrics: Mapping[str, Any], steps: list[details.Step]) -> list[list[object]]:
    return [
        [
            *(group[count] for count in ("group", "trained_on", "tested_on", "malignant")),
            *("none" if share is None else share for share in (step.sensitivity, step.specificity)),
            "none" if group["roc_auc"] is None else f"{group['roc_auc']:.3f}",
        ]
        for group, step in zip(metrics["temporal"]["groups"], steps, strict=True)
    ]


def _scores(metrics: Mapping[str, Any]) -> list[list[str]]:
    return [
        [
            score["name"],
            str(score["complexity"]),
            f"{score['log_loss']:.4f}",
            *(f"{score['log_loss'] + sign * score['standard_error']:.4f}" for sign in (-1, 1)),
            "yes" if score["chosen"] else "no",
        ]
        for score in metrics["candidates"]
    ]


def _digests(manifest: Manifest) -> list[list[str]]:
    return [
        ["manifest.json, the artifact's digest", sha256(manifest.to_json().encode())],
        ["model.joblib", manifest.model_sha256],
        ["training data", manifest.data_sha256],
    ]
