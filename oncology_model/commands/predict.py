"""``oncology predict``: one tumour."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from oncology_model.classifier import Classifier
from oncology_model.commands.shared import add_command, add_model_option, print_json, print_table
from oncology_model.datamodel import FEATURES, Tumor

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from oncology_model.commands.shared import Commands

_NOT_MEASURED: Final = frozenset({"?", "-"})
_BAR: Final = 8
"""Characters of bar for one unit of log-odds."""


def add_to(commands: Commands) -> None:
    """Add this command."""
    command = add_command(commands, "predict", "Classify one tumour.", run)
    command.add_argument(
        "grades",
        nargs="*",
        metavar="GRADE",
        help=f"from 1 to 10: {', '.join(FEATURES)}; - or ? for bare_nuclei that were not measured",
    )
    command.add_argument("--explain", action="store_true", help="also tell what each measurement contributes")
    add_model_option(command)


def run(options: argparse.Namespace) -> None:
    """Classify the tumour and tell the answer."""
    tumor = Tumor(*map(_grade, options.grades))
    classifier = Classifier(options.model)
    assessment = classifier.assess(tumor, explain=options.explain)
    version = classifier.manifest.model_version
    malignant_from = f"malignant from {assessment.threshold:.2%} on"
    answer = {
        "prediction": assessment.prediction.value,
        "probability": assessment.probability,
        "threshold": assessment.threshold,
        "model_version": version,
    }
    if options.json:
        print_json(answer | ({"contributions": dict(assessment.contributions)} if assessment.contributions else {}))
        return
    print_table(
        [
            ("prediction", assessment.prediction.value),
            (
                "probability",
                f"{assessment.probability:.2%} of malignancy; {malignant_from}",
            ),
            ("model", version),
        ]
    )
    if assessment.contributions is not None:
        print()
        _explain(tumor, assessment.contributions)


def _grade(text: str) -> Any:  # noqa: ANN401 - what is no grade is left to Tumor, which names the measurement
    if text in _NOT_MEASURED:
        return None
    return int(text) if text.lstrip("-").isdecimal() else text


def _explain(tumor: Tumor, contributions: Mapping[str, float]) -> None:
    grades = {field: "-" if grade is None else str(grade) for field, grade in dataclasses.asdict(tumor).items()}
    others = sorted(FEATURES, key=lambda field: -abs(contributions[field]))
    rows = [("measurement", "grade", "log-odds", "- speaks for benign, + for malignant")]
    rows += [
        (field.replace("_", " "), grades.get(field, ""), f"{value:+.3f}", _bar(value) if field in grades else "")
        for field, value in ((field, contributions[field]) for field in ("intercept", *others))
    ]
    print_table([*rows, ("sum", "", f"{sum(contributions.values()):+.3f}", "")], right=frozenset({1, 2}))


def _bar(value: float) -> str:
    return ("+" if value > 0 else "-") * round(abs(value) * _BAR)
