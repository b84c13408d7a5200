"""What was checked of the training data, and what was found: only data that pass every check are trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from oncology_model.datamodel import FEATURES, MISSABLE
from trainer.dataset import CLASS, COLUMNS, PATIENT

if TYPE_CHECKING:
    from trainer.dataset import Dataset


class Check(NamedTuple):
    """One line of the list."""

    what: str
    found: str


def checks(data: Dataset) -> list[Check]:
    """The list, of data that were read without a :class:`trainer.dataset.DatasetError`."""
    samples, malignant = len(data.y), int(data.y.sum())
    patients = len(np.unique(data.patients))
    missing = int(data.X.isna().to_numpy().sum())
    return [
        Check("The file is CSV in UTF-8, and every row is as long as the header", f"yes, {samples} rows"),
        Check(f"There are the {len(COLUMNS)} columns, and no others", "yes"),
        Check(f"Every {PATIENT} is a number", f"yes, {patients} patients"),
        Check(f"Every grade is an integer from 1 to 10, in {len(FEATURES)} measurements", "yes"),
        Check(
            f"Only {', '.join(sorted(MISSABLE))} is ever missing", f"yes, in {missing} rows ({missing / samples:.1%})"
        ),
        Check(
            f"Every {CLASS} is 2 (benign) or 4 (malignant)",
            f"yes, {samples - malignant} benign, {malignant} malignant ({malignant / samples:.1%})",
        ),
        Check("There are enough patients of both classes for the folds", "yes"),
        Check(
            "Further samples of patients already in the file", f"{samples - patients}, kept on one side of every fold"
        ),
        Check("Patients with samples of both classes", str(_with_both_classes(data))),
        Check(
            "Rows with the grades of another row of the other class, which no model can tell apart", str(_alike(data))
        ),
    ]


def _with_both_classes(data: Dataset) -> int:
    benign, malignant = data.patients[data.y == 0], data.patients[data.y == 1]
    return len(np.intersect1d(benign, malignant))


def _alike(data: Dataset) -> int:
    _, kinds = np.unique(data.codes, axis=0, return_inverse=True)
    counts = np.array([np.bincount(kinds, data.y == label, kinds.max() + 1) for label in (0, 1)])
    return int(counts[:, counts.min(axis=0) > 0].sum())
