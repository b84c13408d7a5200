"""KPIs, by name, out of what the tests, the trainer and the benchmarks write."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from oncology_model.datamodel import FEATURES
from oncology_model.grades import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOMS: Final = {"trainer": ("oncology_model", "storage", "trainer"), "webservice": ("webservice",)}
"""By room, the packages that it delivers."""

DISTRIBUTION: Final = "training_distribution"


def flatten(document: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """The numbers of a JSON document by their dotted path; what is in lists is left out."""
    flat: dict[str, float] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            flat[f"{prefix}{name}"] = value
    return flat


def coverage(report: Mapping[str, Any], room: str) -> dict[str, float]:
    """The share of a room's statements that the tests ran.

    Args:
        report: as ``coverage json`` writes it.
        room: one of :data:`ROOMS`.
    """
    summaries = [file["summary"] for path, file in report["files"].items() if path.split("/")[0] in ROOMS[room]]
    statements = sum(summary["num_statements"] for summary in summaries)
    covered = sum(summary["covered_lines"] for summary in summaries)
    return {"coverage": covered / statements} if statements else {}


def tests(junit: bytes, room: str) -> dict[str, float]:
    """How many of a room's tests passed, failed and were skipped, and how many seconds they took.

    Args:
        junit: as ``pytest --junit-xml`` writes it.
        room: one of :data:`ROOMS`.
    """
    # What pytest wrote a moment ago on this machine is no hostile document.
    cases = [
        case
        for case in ET.fromstring(junit).iter("testcase")  # noqa: S314
        if case.get("classname", "").removeprefix("tests.").split(".")[0] in ROOMS[room]
    ]
    outcomes = Counter(_outcome(case) for case in cases)
    counts = {f"tests.{outcome}": float(outcomes[outcome]) for outcome in ("passed", "failed", "skipped")}
    return counts | {"tests.seconds": sum(float(case.get("time", 0)) for case in cases)}


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def distribution(manifest: Mapping[str, Any]) -> dict[str, float]:
    """How often each grade stands in the training data, so that the next version can be compared with this one."""
    return {
        f"{DISTRIBUTION}.{feature}.{code}": count
        for feature, counts in manifest[DISTRIBUTION].items()
        for code, count in enumerate(counts)
    }


def benchmark(results: Mapping[str, Any]) -> dict[str, float]:
    """What `make bench` measured of this service, and not of its peers."""
    return flatten(results["figures"].get(results["ours"][0], {}), "benchmark.")


def drift(kpis: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """The population stability index of each feature of the training data, against an earlier version.

    Args:
        kpis: with those of :func:`distribution`.
        before: the earlier version's; without a distribution there is no drift.
    """
    if not any(name.startswith(f"{DISTRIBUTION}.") for name in before):
        return {}
    return {
        f"drift.{feature}": population_stability_index(_counts(before, feature), _counts(kpis, feature))
        for feature in FEATURES
    }


def _counts(kpis: Mapping[str, float], feature: str) -> list[float]:
    return [kpis[f"{DISTRIBUTION}.{feature}.{code}"] for code in range(CODES)]


def population_stability_index(expected: Sequence[float], actual: Sequence[float]) -> float:
    """How far a distribution is from the expected one: 0 if equal; over 0.1 is worth a look, over 0.25 an alarm.

    N. Siddiqi, Credit Risk Scorecards (2006), chapter 8. Half a count is added to each, so that none is empty.

    Args:
        expected: counts.
        actual: counts of the same categories.
    """
    shares = [[(count + 0.5) / (sum(counts) + 0.5 * len(counts)) for count in counts] for counts in (expected, actual)]
    return math.fsum((there - here) * math.log(there / here) for here, there in zip(*shares, strict=True))
