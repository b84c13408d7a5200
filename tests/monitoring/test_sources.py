"""KPIs out of what other tools write."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import sources
from oncology_model.datamodel import FEATURES

counts = st.lists(st.integers(0, 1000), min_size=11, max_size=11)

JUNIT = b"""<testsuites><testsuite>
<testcase classname="tests.trainer.test_gate" time="1.5"/>
<testcase classname="tests.oncology_model.test_classifier" time="0.5"><skipped/></testcase>
<testcase classname="tests.trainer.test_main" time="1"><failure/></testcase>
<testcase classname="tests.webservice.test_routes" time="3"/>
</testsuite></testsuites>"""


def test_numbers_are_flattened_and_words_truths_and_lists_left_out():
    document = {"a": {"b": 1, "c": {"d": 0.5}}, "e": "word", "f": True, "g": [1, 2]}
    assert sources.flatten(document) == {"a.b": 1, "a.c.d": 0.5}


def test_a_room_is_covered_as_its_statements_are_together():
    files = {
        "trainer/gate.py": {"summary": {"num_statements": 30, "covered_lines": 30}},
        "oncology_model/grades.py": {"summary": {"num_statements": 10, "covered_lines": 2}},
        "webservice/routes.py": {"summary": {"num_statements": 5, "covered_lines": 4}},
    }
    assert sources.coverage({"files": files}, "trainer") == {"coverage": 0.8}
    assert sources.coverage({"files": files}, "webservice") == {"coverage": 0.8}
    assert sources.coverage({"files": {}}, "trainer") == {}


def test_tests_are_counted_for_their_room():
    assert sources.tests(JUNIT, "trainer") == {
        "tests.passed": 1,
        "tests.failed": 1,
        "tests.skipped": 1,
        "tests.seconds": 3,
    }
    assert sources.tests(JUNIT, "webservice")["tests.passed"] == 1


def test_drift_is_between_two_versions():
    kpis = sources.distribution({"training_distribution": {feature: list(range(11)) for feature in FEATURES}})
    assert sources.drift(kpis, {}) == {}
    assert sources.drift(kpis, kpis) == {f"drift.{feature}": 0 for feature in FEATURES}
    moved = kpis | {"training_distribution.mitoses.1": 60}
    drift = sources.drift(moved, kpis)
    assert [feature for feature, index in drift.items() if index] == ["drift.mitoses"]


def test_the_stability_index_is_that_of_the_formula():
    # Shares of 0.25 and 0.75 against 0.75 and 0.25, once half a count is added to each.
    assert sources.population_stability_index([0, 1], [1, 0]) == pytest.approx(0.5 * math.log(3) * 2)


@given(counts, counts)
def test_the_stability_index_is_symmetric_and_zero_only_for_equal_shares(one, other):
    index = sources.population_stability_index(one, other)
    assert index == pytest.approx(sources.population_stability_index(other, one))
    assert index >= 0
    assert sources.population_stability_index(one, one) == 0
