"""``oncology score`` on a Dask cluster: as on one machine, whatever becomes of a worker."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oncology_model import FEATURES
from oncology_model.grades import draw
from tests import servers
from tests.distributed.conftest import python, started, wait_until

pytestmark = pytest.mark.distributed

PARTS, ROWS = 16, 400_000


@pytest.fixture(scope="session")
def tumors(tmp_path_factory):
    """A folder of Parquet, with two rows in each part that are no tumours."""
    folder = tmp_path_factory.mktemp("tumors")
    for number in range(PARTS):
        codes = draw(ROWS, seed=number)
        columns = {name: pa.array(column, mask=column == 0) for name, column in zip(FEATURES, codes.T, strict=True)}
        columns["mitoses"] = pa.array(np.r_[99, 0, codes[2:, -1]])
        pq.write_table(pa.table({"id": np.arange(ROWS), **columns}), folder / f"{number:02}.parquet")
    return folder


@pytest.fixture
def score(artifact_directory):
    """Starts ``oncology score``."""

    def run(source, target, *options):
        return python("oncology_model", "score", source, target, "--json", "--model", artifact_directory, *options)

    return run


def finished(process):
    out, err = process.communicate(timeout=300)
    return process.returncode, json.loads(out) if out else {}, err


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def scored_here(score, tumors, tmp_path):
    assert finished(score(tumors, tmp_path / "here"))[0] == 3
    return content(tmp_path / "here")


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(score, cluster, tumors, scored_here, tmp_path):
    target = tmp_path / "there"
    job = score(tumors, target, "--scheduler", cluster.address)
    wait_until(lambda: len(list(target.glob("*.parquet"))) >= 2, job)
    cluster.workers[0].kill()
    done_before = len(list(target.glob("*.parquet")))
    status, answer, message = finished(job)
    assert done_before < PARTS
    assert (status, answer["rows"], answer["rejected"]) == (3, PARTS * ROWS, PARTS * 2), message
    assert content(target) == scored_here
    assert len(content(tmp_path / "there.rejects")) == PARTS


def test_a_worker_that_joins_later_gets_the_model_too(score, tumors, scored_here, tmp_path):
    target = tmp_path / "there"
    with started(tmp_path, 1) as cluster:
        job = score(tumors, target, "--scheduler", cluster.address)
        wait_until(lambda: list(target.glob("*.parquet")), job)
        cluster.add_worker()
        cluster.workers[0].kill()
        assert finished(job)[0] == 3
    assert content(target) == scored_here


@pytest.fixture
def refused(score, tumors, tmp_path):
    """Scores on a cluster that cannot be used, and gives the one line that says why."""

    def run(address):
        status, _, message = finished(score(tumors, tmp_path / "there", "--scheduler", address))
        assert status in {1, 4}
        assert message.count("\n") == 1, message
        assert content(tmp_path / "there").keys() <= {"_scored.json"}
        return message

    return run


def test_a_scheduler_that_is_not_there(refused):
    address = f"tcp://127.0.0.1:{servers.free_port()}"
    assert f"{address}: no scheduler answers that this version of Dask understands" in refused(address)


def test_a_server_that_is_no_scheduler(refused, tmp_path):
    with servers.s3(tmp_path, tmp_path / "log") as url:
        assert "no scheduler answers" in refused(url.replace("http", "tcp"))


@pytest.mark.parametrize("address", ["localhost:8786", "http://localhost:8786", "tcp://localhost", "nonsense"])
def test_what_is_no_address(refused, address):
    assert f"{address}: this is no address of a scheduler, such as tcp://host:8786" in refused(address)


def test_a_scheduler_without_workers(refused, tmp_path):
    with started(tmp_path, 0) as cluster:
        assert f"it has no workers: start some with `dask worker {cluster.address}`" in refused(cluster.address)


def test_a_scheduler_of_another_version(refused, tmp_path):
    # Dask asks the metadata for its version: the scheduler is the one that is installed, and tells another.
    metadata = tmp_path / "distributed-2020.1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: distributed\nVersion: 2020.1.0\n")
    with started(tmp_path, 1, PYTHONPATH=str(tmp_path)) as cluster:
        assert "the scheduler has distributed 2020.1.0, not 20" in refused(cluster.address)


def test_a_worker_without_the_package(refused, tmp_path):
    with started(tmp_path, 0) as cluster:
        cluster.add_worker(PYTHONPATH="")
        assert "lacks oncology_model: start workers where it is installed" in refused(cluster.address)


def test_a_worker_that_is_to_use_another_model(refused, tmp_path):
    with started(tmp_path, 1) as cluster:
        cluster.add_worker(ONCOLOGY_MODEL_DIGEST="0" * 64)
        message = refused(cluster.address)
    assert "and ONCOLOGY_MODEL_DIGEST expects 000000" in message
