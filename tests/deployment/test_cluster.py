"""What a real cluster does with the images and manifests, under load: `make test.cluster`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest
import yaml

from tests.deployment.cluster import ROOT, TOOL, TRAINER, VERSION, get, kubectl, made, make, named
from tests.deployment.load import CLIENTS, Load

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("cluster")]

SERVICE: Final = "oncology-webservice"


def pods() -> list[str]:
    """The service's pods, save for those that are leaving."""
    found = [pod["metadata"] for pod in get("pods", "--selector", f"app={SERVICE}")["items"]]
    return [pod["name"] for pod in found if "deletionTimestamp" not in pod]


def image() -> str:
    name: str = get("deployment", SERVICE)["spec"]["template"]["spec"]["containers"][0]["image"]
    return name


def variant(version: str, instructions: str) -> None:
    """A version whose image has more instructions than the first one's."""
    command = [TOOL, "build", *os.environ.get("CONTAINER_BUILD_FLAGS", "").split()]
    text = f"FROM {SERVICE}:{VERSION}\n{instructions}\n"
    command += ["--tag", f"{SERVICE}:{version}", "--file", "-", "k8s"]
    subprocess.run(command, cwd=ROOT, input=text, text=True, check=True, capture_output=True)
    subprocess.run([TOOL, "tag", f"{TRAINER}:{VERSION}", f"{TRAINER}:{version}"], check=True)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where two replicas of the first version serve, by way of the Service."""
    made("deploy", f"version={VERSION}", "YES=1")
    address = f"http://{get('service', SERVICE)['spec']['clusterIP']}"
    address = os.environ.get("SERVICE_URL", address)
    try:
        httpx.get(f"{address}/readyz", timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        pytest.skip(f"the Service cannot be reached at {address} from here ({error}): set SERVICE_URL")
    yield address
    made("undeploy", f"version={VERSION}", "YES=1")


@pytest.fixture
def load(url: str, request: pytest.FixtureRequest) -> Iterator[Load]:
    """Load all through the test, and its figures at the end."""
    started = time.monotonic()
    with Load(url) as load:
        yield load
    seconds = time.monotonic() - started
    name = request.node.name.removeprefix("test_").replace("_", " ")
    print(f"\n{name}: {load.sent} requests sent, {len(load.failures)} failed, {seconds:.1f} s")


def test_the_training_job_trains() -> None:
    started = time.monotonic()
    made("train.job", f"version={VERSION}")
    assert get("job", TRAINER)["status"]["succeeded"] == 1
    print(f"\nthe training Job took {time.monotonic() - started:.1f} s")


def test_a_new_version_rolls_out_without_losing_a_request(load: Load) -> None:
    before = pods()
    assert len(before) == 2
    variant(f"{VERSION}-2", "LABEL version=2")
    made("deploy", f"version={VERSION}-2", "YES=1")
    wait_until_gone(before)
    assert image().endswith(f":{VERSION}-2")
    assert load.failures == []


def test_a_deleted_pod_loses_no_request(load: Load) -> None:
    kubectl("delete", "pod", pods()[0])
    kubectl("rollout", "status", f"deployment/{SERVICE}", "--timeout=60s")
    assert load.failures == []


def test_a_killed_worker_loses_at_most_its_requests_in_flight(load: Load) -> None:
    pod = pods()[0]
    restarts = get("pod", pod)["status"]["containerStatuses"][0]["restartCount"]
    wait_for_requests(load)
    kill_a_worker(pod)
    killed = time.monotonic()
    wait_for_requests(load)
    # A client has one request in flight at most: those that fail were so when the worker died.
    assert len(load.failures) <= CLIENTS
    assert all(failure.started <= killed for failure in load.failures)
    assert get("pod", pod)["status"]["containerStatuses"][0]["restartCount"] == restarts


def test_a_version_that_never_becomes_ready_is_rolled_back_and_gets_no_request(load: Load) -> None:
    serving = image()
    # It listens where the service would, and answers every request with 404 or 501.
    variant(f"{VERSION}-unready", 'ENTRYPOINT ["python", "-m", "http.server", "8080"]')
    result = make("deploy", f"version={VERSION}-unready", "YES=1")
    assert result.returncode != 0
    assert f"{VERSION}-unready did not become ready: rolled back to revision" in result.stderr
    assert "Startup probe failed: HTTP probe failed with statuscode: 404" in result.stderr
    assert image() == serving
    assert load.failures == []


def test_a_version_with_another_artifact_than_the_digest_says_is_rolled_back_and_says_why(load: Load) -> None:
    serving = image()
    variant(f"{VERSION}-digest", f"ENV ONCOLOGY_MODEL_DIGEST={'0' * 64}")
    result = make("deploy", f"version={VERSION}-digest", "YES=1")
    assert result.returncode != 0
    assert "and ONCOLOGY_MODEL_DIGEST expects 0000" in result.stderr
    assert image() == serving
    assert load.failures == []


def test_an_image_that_cannot_be_pulled_is_rolled_back_and_says_why(load: Load) -> None:
    serving = image()
    variant(f"{VERSION}-gone", "LABEL version=gone")
    # The nodes pull from another registry than one pushes to.
    result = make("deploy", f"version={VERSION}-gone", "YES=1", "tag=localhost:1/oncology-webservice")
    assert result.returncode != 0
    assert f'Failed to pull image "localhost:1/oncology-webservice:{VERSION}-gone"' in result.stderr
    assert image() == serving
    assert load.failures == []


def test_a_version_that_no_node_has_room_for_is_rolled_back_and_says_why(load: Load, tmp_path: Path) -> None:
    serving = image()
    requests = {"requests": {"cpu": "10k"}}
    large = {"op": "replace", "path": "/spec/template/spec/containers/0/resources", "value": requests}
    overlay = {
        "resources": [os.path.relpath(ROOT / "k8s/overlays/local", tmp_path)],
        "patches": [{"target": {"kind": "Deployment"}, "patch": json.dumps([large])}],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    variant(f"{VERSION}-large", "LABEL version=large")
    result = make("deploy", f"version={VERSION}-large", "YES=1", named(tmp_path))
    assert result.returncode != 0
    assert "Insufficient cpu" in result.stderr
    assert image() == serving
    assert load.failures == []


def test_nothing_is_deployed_where_nobody_can_be_asked() -> None:
    result = make("deploy", f"version={VERSION}")
    assert result.returncode != 0
    assert "nobody is there to ask: say YES=1" in result.stderr
    assert "published" not in result.stdout


def test_nothing_is_deployed_where_the_answer_is_no() -> None:
    terminal, keyboard = os.openpty()
    os.write(terminal, b"n\n")
    result = make("deploy", f"version={VERSION}", "REGISTRY=registry.example.org", stdin=keyboard)
    os.close(terminal)
    os.close(keyboard)
    assert result.returncode != 0
    assert f"namespace default, overlay local, registry registry.example.org, version {VERSION}" in result.stdout
    assert result.stderr.splitlines()[0].endswith("nothing was done")
    assert "published" not in result.stdout


def wait_until_gone(names: list[str]) -> None:
    for name in names:
        kubectl("wait", "--for=delete", f"pod/{name}", "--timeout=120s")


def wait_for_requests(load: Load) -> None:
    """Wait until every client has had some requests answered."""
    enough = load.sent + 100 * CLIENTS
    deadline = time.monotonic() + 60
    while load.sent < enough:
        assert time.monotonic() < deadline, "the load stands still"
        time.sleep(0.1)


def kill_a_worker(pod: str) -> None:
    """SIGKILL a gunicorn worker of a pod, from within; or from here, where the node is this machine."""
    within = "kill -9 $(cut -d ' ' -f 1 /proc/1/task/1/children)"
    with contextlib.suppress(subprocess.CalledProcessError):
        kubectl("exec", pod, "--", "sh", "-c", within)
        return
    container = get("pod", pod)["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if container in (process / "cgroup").read_text():
                workers = (process / "task" / process.name / "children").read_text().split()
                if workers:
                    os.kill(int(workers[0]), signal.SIGKILL)
                    return
    pytest.fail(f"no worker of {pod} can be reached, by kubectl exec or from here")
