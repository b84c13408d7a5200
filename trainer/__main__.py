"""``python -m trainer``: from a CSV file to an artifact, or to a clear reason why not."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

import storage
from oncology_model.scoring.errors import ClusterError
from trainer import console, gate, product, sagemaker
from trainer.cluster import placed
from trainer.dataset import DatasetError, parse
from trainer.evaluation import Evaluation, evaluate
from trainer.metrics import summarize
from trainer.options import arrivals, parser
from trainer.selection import Plan

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from trainer.dataset import Dataset
    from trainer.product import Product

FAILED, WRONG_OPTIONS, WRONG_DATA, GATE_CLOSED = 1, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says, and return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) == [sagemaker.TRAIN]:
        return sagemaker.train()
    options = parser().parse_args(arguments)
    try:
        return _train(options)
    except DatasetError as error:
        console.messages.print(str(error), style="red", markup=False)
        return WRONG_DATA
    except (ClusterError, storage.StorageError) as error:
        console.messages.print(str(error), style="red", markup=False, soft_wrap=True)
        return FAILED


def _train(options: Namespace) -> int:
    started = time.monotonic()
    # Every fold, outer and inner, needs patients of both classes.
    data = parse(storage.read(options.data), options.data, least_patients=2 * options.folds)
    try:
        groups = arrivals(options.arrivals, len(data.y))
    except ValueError as error:
        console.messages.print(str(error), style="red")
        return WRONG_OPTIONS
    plan = Plan(options.inner_folds, options.inner_repeats, options.seed, options.target_sensitivity)
    evaluation = _evaluate(data, plan, options, groups)
    with threadpool_limits(1):  # sums in another order would be other digits
        metrics = summarize(data, evaluation, plan)
    made = product.with_card(product.make(data, evaluation.selection, metrics, options.model_version))
    console.show_candidates(metrics["candidates"])
    console.show_figures(metrics)
    console.show_product(made.manifest, made.not_additive)
    failures = gate.failures(metrics["nested"], vars(options))
    reports = options.reports or options.output
    _write_metrics(reports, metrics | {"training_seconds": round(time.monotonic() - started, 1)})
    _write_report(reports, data, evaluation, made, failures)
    for failure in failures:
        console.messages.print(f"The quality gate is closed: {failure}", style="red")
    if failures:
        return GATE_CLOSED
    digest = storage.write_artifact(options.output, made.model, made.manifest)
    console.results.print(f"Wrote {options.output}, version {made.manifest.model_version}, digest {digest}")
    return 0


def _evaluate(data: Dataset, plan: Plan, options: Namespace, groups: tuple[int, ...]) -> Evaluation:
    with placed(options.scheduler), console.progress() as progress:
        task = progress.add_task("Choosing and evaluating", total=options.folds * options.repeats + len(groups))
        return evaluate(
            data,
            plan=plan,
            folds=options.folds,
            repeats=options.repeats,
            arrivals=groups,
            jobs=options.jobs,
            advance=lambda: progress.advance(task),
        )


def _write_metrics(folder: str, metrics: dict[str, Any]) -> None:
    storage.write(f"{folder}/metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())


def _write_report(folder: str, data: Dataset, evaluation: Evaluation, made: Product, failures: list[str]) -> None:
    from trainer import report  # noqa: PLC0415 - the plotting library takes half a second, which help need not wait for

    location = f"{folder}/report.html"
    storage.write(location, report.write(data, evaluation, made, failures).encode())
    console.results.print(f"Wrote {location}")


if __name__ == "__main__":
    sys.exit(main())
