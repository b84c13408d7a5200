"""The trainer's command line."""

from __future__ import annotations

import argparse

import joblib

from trainer.evaluation import BUNDLED_ARRIVALS
from trainer.gate import REQUIREMENTS

_EPILOG = """\
exit status: 0 trained; 1 something could not be read or written; 2 wrong options; 3 the data must not be trained on,
and nothing was written; 4 the quality gate was not passed: metrics.json and report.html were written, the artifact
was not.
The one word "train", in place of all options, does a training job of Amazon SageMaker: see docs/managed.md.
"""


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not over 0 and at most 1")
    return value


def _count(least: int) -> type[int]:
    def parse(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return value

    parse.__name__ = "integer"  # argparse names it in its message
    return parse  # type: ignore[return-value]


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(map(int, text.split(",")))
    if len(sizes) < 2 or min(sizes) < 1:  # noqa: PLR2004
        raise argparse.ArgumentTypeError("two groups or more are needed, each of one sample or more")
    return sizes


def parser() -> argparse.ArgumentParser:
    """What ``python -m trainer`` understands."""
    options = argparse.ArgumentParser(
        prog="python -m trainer",
        description="Train the classifier: choose a model and a threshold, evaluate, and write the artifact. "
        "A URL is such as s3://bucket/folder, and AWS is set up as usual (AWS_PROFILE, AWS_ENDPOINT_URL …).",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    options.add_argument("--data", required=True, help="the CSV file, as data/README.md describes it; path or URL")
    options.add_argument("--output", required=True, help="folder for model.joblib and manifest.json; path or URL")
    options.add_argument(
        "--reports", help="folder for metrics.json and report.html; path or URL (default: the output folder)"
    )
    options.add_argument("--model-version", help="by default the package's version and a part of the model's digest")
    options.add_argument(
        "--arrivals",
        type=_sizes,
        help="sizes of the groups in which the samples arrived, in file order, such as 300,200,199 "
        "(default: those of the bundled data, else eight equal groups)",
    )
    for name, default, kind, meaning in (
        ("--target-sensitivity", 0.99, _share, "share of malignant samples that the threshold is to catch"),
        ("--folds", 10, _count(2), "outer folds of the nested evaluation"),
        ("--repeats", 3, _count(1), "how often the outer folds are drawn anew"),
        ("--inner-folds", 5, _count(2), "folds for choosing model and threshold"),
        ("--inner-repeats", 2, _count(1), "how often the inner folds are drawn anew"),
        ("--seed", 0, _count(0), "of every random choice"),
        ("--jobs", joblib.cpu_count(), _count(1), "processes; the result does not depend on it"),
    ):
        options.add_argument(name, type=kind, default=default, help=f"{meaning} (default: {default})")
    options.add_argument(
        "--scheduler", metavar="URL", help="of a Dask cluster to run on instead of processes here, tcp://host:8786"
    )
    gate = options.add_argument_group("quality gate, on the nested evaluation")
    for requirement in REQUIREMENTS:
        gate.add_argument(
            requirement.option,
            dest=requirement.metric,
            metavar="SHARE",
            type=_share,
            default=requirement.default,
            help=f"(default: {requirement.default})",
        )
    return options


def arrivals(asked: tuple[int, ...] | None, samples: int) -> tuple[int, ...]:
    """The sizes of the arrival groups: those asked for, those of the bundled data, or eight equal ones.

    Raises:
        ValueError: the sizes asked for are not those of so many samples.
    """
    if asked and sum(asked) != samples:
        raise ValueError(f"--arrivals: the groups have {sum(asked)} samples together, and the data have {samples}")
    if asked or sum(BUNDLED_ARRIVALS) == samples:
        return asked or BUNDLED_ARRIVALS
    size, rest = divmod(samples, 8)
    return tuple(size + (group < rest) for group in range(8))
