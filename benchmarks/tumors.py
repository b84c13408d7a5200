"""The tumours that every peer is asked about: the bundled data's own."""

from __future__ import annotations

import csv
from itertools import cycle, islice
from typing import Final

from benchmarks.peers import REPOSITORY
from oncology_model import FEATURES

BATCH_ROWS: Final = 1000


def _read() -> list[dict[str, int]]:
    with (REPOSITORY / "data" / "breast_cancer.csv").open(newline="") as file:
        rows = [{feature: row[feature] for feature in FEATURES} for row in csv.DictReader(file)]
    # Those without a missing value, which not every peer's protocol can say.
    complete = [{name: int(grade) for name, grade in row.items()} for row in rows if "?" not in row.values()]
    return list(islice(cycle(complete), BATCH_ROWS))


TUMORS: Final = _read()
"""A batch: a thousand rows, the data's complete ones repeated."""
