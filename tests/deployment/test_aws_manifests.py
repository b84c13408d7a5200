"""What the manifests for AWS take from the environment, and what they ask of aws/cluster.yaml."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from k8s import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl, which renders them, is not installed")
TEMPLATE = (validate.K8S.parent / "aws" / "cluster.yaml").read_text()


def rendered(folder: str) -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in yaml.safe_load_all(validate.render(validate.K8S / folder))}


@needs_kubectl
@pytest.mark.parametrize(
    ("folder", "role", "account"),
    [
        ("overlays/eks/trainer", "trainer", "${Namespace}:oncology-trainer"),
        ("nexus", "nexus", "nexus:nexus"),
    ],
)
def test_a_service_account_has_the_role_that_trusts_it(folder: str, role: str, account: str) -> None:
    metadata = rendered(folder)["ServiceAccount"]["metadata"]
    arn = metadata["annotations"]["eks.amazonaws.com/role-arn"]
    assert arn == f"arn:aws:iam::${{AWS_ACCOUNT_ID}}:role/oncology-{role}"
    assert f"RoleName: !Sub ${{ClusterName}}-{role}\n" in TEMPLATE
    assert f'"system:serviceaccount:{account}"' in TEMPLATE
    assert metadata["name"] == account.split(":")[1]
    assert metadata["namespace"] == ("nexus" if role == "nexus" else "oncology")


@needs_kubectl
def test_the_job_is_told_its_places_in_s3() -> None:
    settings = rendered("overlays/eks/trainer")["ConfigMap"]["data"]
    assert settings == {
        "DATA": "s3://${DATA_BUCKET}/breast_cancer.csv",
        "OUTPUT": "s3://${MODELS_BUCKET}/jobs/latest",
        "REPORTS": "s3://${METRICS_BUCKET}/reports/latest",
    }


def test_ship_fills_in_the_places() -> None:
    [fill] = re.findall(r"^fill\(\) \{.*?^\}$", (validate.K8S / "ship").read_text(), re.DOTALL | re.MULTILINE)
    text = "s3://${DATA_BUCKET}/x ${MODELS_BUCKET} ${METRICS_BUCKET} iam::${AWS_ACCOUNT_ID}:role $(REPORTS)"
    places = {"AWS_ACCOUNT_ID": "1", "DATA_BUCKET": "d", "MODELS_BUCKET": "m", "METRICS_BUCKET": "k"}
    command = ["bash", "-euo", "pipefail", "-c", f"{fill}\nfill"]
    finished = subprocess.run(command, input=text, env=os.environ | places, capture_output=True, text=True, check=True)
    assert finished.stdout == "s3://d/x m k iam::1:role $(REPORTS)"


@pytest.fixture
def nexus() -> Iterator[HTTPServer]:
    """Keeps what it is asked, in ``requests``, and answers with ``status``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.requests.append((self.path, self.headers["Authorization"], body))  # type: ignore[attr-defined]
            self.send_response(self.server.status)  # type: ignore[attr-defined]
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests, server.status = [], 201  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def setup(server: HTTPServer) -> subprocess.CompletedProcess[str]:
    settings = {"NEXUS_PASSWORD": "s", "PACKAGES_BUCKET": "acme-packages", "AWS_DEFAULT_REGION": "eu-central-1"}
    settings |= {"NEXUS_URL": f"http://127.0.0.1:{server.server_port}", "UPSTREAM_INDEX_URL": "https://index.example"}
    command = [validate.K8S / "nexus" / "setup"]
    return subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)


def test_nexus_gets_a_blob_store_on_s3_and_repositories_that_use_it(nexus: HTTPServer) -> None:
    assert setup(nexus).returncode == 0
    (store, *repositories) = nexus.requests  # type: ignore[attr-defined]
    path, password, body = store
    assert (path, password) == ("/service/rest/v1/blobstores/s3", "Basic YWRtaW46cw==")
    assert body["bucketConfiguration"]["bucket"]["name"] == "acme-packages"
    names = {}
    for path, _, body in repositories:
        assert body["storage"]["blobStoreName"] == "s3"
        names[path.rsplit("/")[-1]] = body["name"]
    assert names == {"hosted": "pypi-releases", "proxy": "pypi-upstream", "group": "pypi"}
    assert repositories[0][2]["storage"]["writePolicy"] == "ALLOW_ONCE"
    assert repositories[2][2]["group"]["memberNames"] == ["pypi-releases", "pypi-upstream"]


def test_a_nexus_that_refuses_stops_the_setup(nexus: HTTPServer) -> None:
    nexus.status = 401  # type: ignore[attr-defined]
    finished = setup(nexus)
    assert finished.returncode == 1
    assert finished.stderr == "blobstores/s3: Nexus answered  401\n"
