"""The Job of overlays/eks on a real cluster, from and to a real S3 server: part of `make test.cluster`.

What EKS has and this has not is the pod's role: here the Job gets a key, in a Secret.
"""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Final

import pytest
import yaml

from oncology_model import artifact
from tests import servers
from tests.deployment.cluster import ROOT, VERSION, get, kubectl, make, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("cluster")]

NAMESPACE: Final = "oncology-test-s3"
BUCKETS: Final = ("acme-data", "acme-models", "acme-metrics")
PLACES: Final = [f"{bucket[5:].upper()}_BUCKET={bucket}" for bucket in BUCKETS]
QUICK: Final = ("--folds=2", "--repeats=1", "--inner-folds=2", "--inner-repeats=1", "--min-specificity=0.8")
CONTAINER: Final = "/spec/template/spec/containers/0"


@pytest.fixture(scope="module")
def node() -> str:
    """The address of this machine that the pods reach, being that of their node."""
    addresses = get("nodes")["items"][0]["status"]["addresses"]
    address: str = next(found["address"] for found in addresses if found["type"] == "InternalIP")
    try:
        socket.create_server((address, 0)).close()
    except OSError:
        pytest.skip(f"the node {address} is not this machine: its pods cannot reach an S3 server here")
    return address


@pytest.fixture(scope="module")
def store(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL of an S3 server with our data, and the folder whose folders are its buckets."""
    folder = tmp_path_factory.mktemp("s3")
    for bucket in BUCKETS:
        (folder / bucket).mkdir()
    (folder / "acme-data" / "breast_cancer.csv").write_bytes((ROOT / "data" / "breast_cancer.csv").read_bytes())
    with servers.s3(folder, tmp_path_factory.mktemp("log") / "s3.log", node) as url:
        yield url, folder


@pytest.fixture(scope="module")
def overlay(store: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An overlay of overlays/eks with a key, a server and a namespace of its own."""
    folder = tmp_path_factory.mktemp("overlay")
    secret = [f"{name}={value}" for name, value in servers.aws_environment(store[0]).items()]
    added = [(f"{CONTAINER}/envFrom/-", {"secretRef": {"name": "s3"}})]
    added += [(f"{CONTAINER}/args/-", option) for option in QUICK]
    patch = [{"op": "add", "path": path, "value": value} for path, value in added]
    kustomization = {
        "namespace": NAMESPACE,
        "resources": [os.path.relpath(ROOT / "k8s/overlays/eks/trainer", folder / "trainer")],
        "secretGenerator": [{"name": "s3", "literals": secret}],
        "patches": [{"target": {"kind": "Job"}, "patch": json.dumps(patch)}],
    }
    (folder / "trainer").mkdir()
    (folder / "trainer" / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    yield named(folder)
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def job(overlay: str, *places: str) -> list[str]:
    return ["train.job", f"version={VERSION}", overlay, f"NAMESPACE={NAMESPACE}", *PLACES, *places]


def test_the_job_trains_from_bucket_to_bucket(overlay: str, store: tuple[str, Path]) -> None:
    ran = make(*job(overlay))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert get("job", "oncology-trainer", namespace=NAMESPACE)["status"]["succeeded"] == 1
    trained = artifact.read(store[1] / "acme-models" / "jobs" / "latest")
    assert trained.manifest.data_sha256 == artifact.sha256((ROOT / "data" / "breast_cancer.csv").read_bytes())
    assert trained.digest in ran.stdout or "the log cannot be followed" in ran.stderr
    reports = store[1] / "acme-metrics" / "reports" / "latest"
    assert json.loads((reports / "metrics.json").read_text())["training_seconds"] > 0
    assert "<html" in (reports / "report.html").read_text()


def test_a_job_that_finds_no_data_says_so_and_leaves_the_model_that_was_there(
    overlay: str, store: tuple[str, Path]
) -> None:
    before = artifact.read(store[1] / "acme-models" / "jobs" / "latest").digest
    failed = make(*job(overlay, "DATA_BUCKET=acme-dta"))
    assert failed.returncode != 0
    assert (
        "the training Job ended with exit status 1: s3://acme-dta/breast_cancer.csv: there is no such" in failed.stderr
    )
    assert artifact.read(store[1] / "acme-models" / "jobs" / "latest").digest == before
