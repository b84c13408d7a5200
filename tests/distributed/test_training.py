"""``python -m trainer`` on a Dask cluster: the same artifact, bit for bit."""

from __future__ import annotations

import re

import pytest

from tests.distributed.conftest import ROOT, python

pytestmark = pytest.mark.distributed

# The smallest procedure that is still the whole one.
QUICK = [
    *("--folds", "2", "--repeats", "1", "--inner-folds", "2", "--inner-repeats", "1"),
    *("--arrivals", "600,99", "--min-specificity", "0.8"),
]


@pytest.fixture
def train(tmp_path):
    """Trains, and gives the artifact's digest."""

    def run(name, *options):
        data = ROOT / "data" / "breast_cancer.csv"
        out, err = python("trainer", "--data", data, "--output", tmp_path / name, *QUICK, *options).communicate()
        found = re.search(r"digest (\w{64})", out)
        assert found, err
        return found[1]

    return run


def test_a_cluster_one_process_and_two_make_the_same_artifact(train, cluster):
    alone = train("alone", "--jobs", "1")
    assert train("two", "--jobs", "2") == alone
    assert train("cluster", "--scheduler", cluster.address) == alone


def test_a_scheduler_that_is_not_there_is_one_line(tmp_path):
    data = ROOT / "data" / "breast_cancer.csv"
    job = python("trainer", "--data", data, "--output", tmp_path / "out", *QUICK, "--scheduler", "tcp://127.0.0.1:1")
    _, message = job.communicate()
    assert job.returncode == 1
    assert "tcp://127.0.0.1:1: no scheduler answers" in message
    assert message.count("\n") == 1
    assert not (tmp_path / "out").exists()
