"""The alarms on the data's own history: what came in January 1989 and what came in November 1991, by real scrapes.

Marked, since it starts two services and a Prometheus server: ``make test.reliability``.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest

from oncology_model.datamodel import FEATURES
from oncology_model.grades import CODES
from tests.alarms.prometheus import ROOT, RULES, Prometheus, scraping
from tests.webservice.processes import SECONDS, SERVE, free_port, serving
from trainer.dataset import Dataset, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

pytestmark = [
    pytest.mark.reliability,
    pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed (Debian: prometheus)"),
]

MODEL = ROOT / "oncology_model" / "model"
VARIABLES = {"$job": "oncology.*", "$feature": "mitoses", "$__rate_interval": "1m", "$__range": "1h"}
DASHBOARD = ROOT / "docs" / "monitoring" / "dashboard.json"

# Job, rows and how often they are replayed. Group 8 has 86 tumours, which would say nothing: it comes as if what came
# in November 1991 went on for four months.
GROUPS = {"oncology-group-1": (slice(0, 367), 1), "oncology-group-8": (slice(-86, None), 4)}


@pytest.fixture(scope="module")
def data() -> Dataset:
    return parse((ROOT / "data" / "breast_cancer.csv").read_bytes(), "data")


@pytest.fixture(scope="module")
def prometheus(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Has scraped one service for each group, from before the first tumour came to after the last."""
    with ExitStack() as running:
        ports = {job: (free_port(), free_port()) for job in GROUPS}
        for port, metrics_port in ports.values():
            running.enter_context(serving(MODEL, port, SERVE, ONCOLOGY_METRICS_PORT=str(metrics_port)))
        jobs = {job: metrics_port for job, (_, metrics_port) in ports.items()}
        prometheus = running.enter_context(scraping(jobs, tmp_path_factory.mktemp("prometheus")))
        prometheus.wait_for("count(oncology_predictions_total)", lambda found: bool(found) and found[0]["value"] == 4)
        for job, (rows, times) in GROUPS.items():
            _replay(data.codes[rows], times, ports[job][0])
            expected = times * len(data.codes[rows])
            prometheus.wait_for(f'sum(oncology_predictions_total{{job="{job}"}}) == {expected}')
            prometheus.wait_for(f'oncology:feature:psi7d{{job="{job}"}}')
            prometheus.wait_for(f'min(oncology:feature:predictions7d{{job="{job}"}}) > {0.999 * expected}')
        yield prometheus


def _replay(codes: NDArray[np.intp], times: int, port: int) -> None:
    batch = [{f: int(c) or None for f, c in zip(FEATURES, row, strict=True)} for row in codes]
    url = f"http://127.0.0.1:{port}/predict/batch"
    for _ in range(times):
        assert httpx.post(url, json=batch, timeout=SECONDS).status_code == 200
    # One more, alone, for what is told of single predictions; and one that is refused.
    assert httpx.post(f"http://127.0.0.1:{port}/predict", json={}, timeout=SECONDS).status_code == 422


def psi(now: NDArray[np.intp], training: NDArray[np.intp]) -> float:
    """By the formula, as docs/monitoring/rules.yaml has it."""
    grades = [grade for grade in range(CODES) if grade or 0 in training or 0 in now]
    a, t = (np.array([max((codes == grade).mean(), 0.001) for grade in grades]) for codes in (now, training))
    return float(((a - t) * np.log(a / t)).sum())


def test_the_index_that_prometheus_records_is_that_of_the_formula(prometheus: Prometheus, data: Dataset) -> None:
    for job, (rows, _) in GROUPS.items():
        recorded = {one["feature"]: one["value"] for one in prometheus.query(f'oncology:feature:psi7d{{job="{job}"}}')}
        print(f"\n{job}: " + ", ".join(f"{feature} {recorded[feature]:.3f}" for feature in FEATURES))
        for column, feature in enumerate(FEATURES):
            expected = psi(data.codes[rows][:, column], data.codes[:, column])
            assert math.isclose(recorded[feature], expected, abs_tol=0.002), feature


def alarms(prometheus: Prometheus, job: str) -> dict[str, str]:
    """By feature, how severe its alarm is."""
    firing = prometheus.query(f'ALERTS{{alertname="OncologyDrift", alertstate="firing", job="{job}"}}')
    return {one["feature"]: one["severity"] for one in firing}


def test_the_first_group_warns_of_one_feature_and_raises_no_alarm(prometheus: Prometheus) -> None:
    assert alarms(prometheus, "oncology-group-1") == {"bland_chromatin": "warning"}


def test_the_last_group_raises_the_alarm(prometheus: Prometheus) -> None:
    told = alarms(prometheus, "oncology-group-8")
    print(f"\noncology-group-8: {told}")
    assert {feature for feature, severity in told.items() if severity == "critical"} == {
        "clump_thickness",
        "uniformity_of_cell_size",
        "single_epithelial_cell_size",
        "bare_nuclei",
        "bland_chromatin",
        "normal_nucleoli",
    }
    assert {feature for feature, severity in told.items() if severity == "warning"} == {
        "uniformity_of_cell_shape",
        "marginal_adhesion",
    }


def test_nothing_else_is_alarming(prometheus: Prometheus) -> None:
    assert not prometheus.query('ALERTS{alertname!="OncologyDrift", alertstate="firing"}')


def expressions() -> list[str]:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("expression", expressions())
def test_every_panel_of_the_dashboard_shows_something(prometheus: Prometheus, expression: str) -> None:
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    assert prometheus.wait_for(expression)


def test_every_metric_that_the_dashboard_and_the_rules_name_was_scraped_or_recorded(prometheus: Prometheus) -> None:
    answer = httpx.get(f"{prometheus.url}/api/v1/label/__name__/values", timeout=SECONDS).json()
    named = set(re.findall(r"\boncology[_:][\w:]+", "\n".join(expressions()) + RULES.read_text()))
    assert named <= set(answer["data"])
