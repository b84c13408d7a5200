"""The built images as SageMaker and KServe start them: `make test.managed`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from tests.deployment.test_images import ROOT, build_images, run
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.managed

SERVICE: Final = "oncology-webservice:managed"
TRAINER: Final = "oncology-trainer:managed"
CLIENTS: Final = {"triton": "tritonclient[http]==2.73.0", "kserve": "kserve==0.21.0"}
ROWS: Final = "4,1,2,1,2,1,1,1,1\n10,10,10,10,10,10,10,10,10\n"
USERS: Final = [(), ("--user", "0:0"), ("--user", "54321:54321")]
QUICK: Final = dict.fromkeys(["folds", "inner_folds"], "2") | dict.fromkeys(["repeats", "inner_repeats"], "1")


@pytest.fixture(scope="module", autouse=True)
def images() -> None:
    build_images("managed")


@pytest.fixture(scope="module")
def model_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``model.tar.gz`` of what a training job wrote."""
    job = make_job(tmp_path_factory.mktemp("job"), QUICK | {"min_specificity": "0.8", "arrivals": "600,99"})
    finished = train(job)
    assert finished.returncode == 0, finished.stderr
    assert "metric nested.roc_auc=" in finished.stdout
    assert (job / "output" / "data" / "metrics.json").exists()
    archive = job / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(job / "model", ".")
    return archive


def make_job(job: Path, hyperparameters: dict[str, str]) -> Path:
    for folder in ("input/config", "input/data/training", "model", "output"):
        (job / folder).mkdir(parents=True)
    for folder in ("model", "output"):
        (job / folder).chmod(0o777)  # the image's own user is nobody here
    job.chmod(0o755)
    shutil.copy(ROOT / "data" / "breast_cancer.csv", job / "input" / "data" / "training")
    (job / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    return job


def train(job: Path) -> subprocess.CompletedProcess[str]:
    mounts = ["-v", f"{job}/input:/opt/ml/input:ro", "-v", f"{job}/model:/opt/ml/model"]
    mounts += ["-v", f"{job}/output:/opt/ml/output"]
    return run("run", "--rm", "--read-only", "--tmpfs", "/tmp", *mounts, TRAINER, "train", check=False)  # noqa: S108


@pytest.fixture
def serve() -> Iterator[Callable[..., httpx.Client]]:
    """Starts the service as SageMaker does: a client of it, once its ping is answered."""
    containers: list[str] = []
    clients: list[httpx.Client] = []

    def serve(*options: str) -> httpx.Client:
        port = free_port()
        given = ["--env", f"SAGEMAKER_BIND_TO_PORT={port}", "--env", "ONCOLOGY_METRICS_PORT=0", *options]
        started = run("run", "--detach", "--network=host", "--read-only", "--tmpfs", "/tmp", *given, SERVICE, "serve")  # noqa: S108
        containers.append(started.stdout.strip())
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        clients.append(client)
        deadline = time.monotonic() + 60
        while _ping(client) != 200:
            assert time.monotonic() < deadline, run("logs", containers[-1]).stderr
            time.sleep(0.1)
        return client

    yield serve
    for client in clients:
        client.close()
    for container in containers:
        stopped = run("stop", "--time", "30", container, check=False)
        status = run("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip()
        run("rm", "--force", container)
        assert (stopped.returncode, status) == (0, "0"), "it was killed, and did not end by itself"


def _ping(client: httpx.Client) -> int:
    try:
        return client.get("/ping", timeout=2).status_code
    except httpx.TransportError:
        return 0


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    for path in (folder, *folder.parents[:2]):
        path.chmod(0o755)
    return folder


@pytest.mark.parametrize("user", USERS, ids=["the image's user", "root", "another"])
def test_what_train_wrote_is_what_serve_loads(
    serve: Callable[..., httpx.Client], model_archive: Path, tmp_path: Path, user: tuple[str, ...]
) -> None:
    folder = unpacked(model_archive, tmp_path / "model")
    client = serve(*user, "-v", f"{folder}:/opt/ml/model:ro")
    assert client.get("/model").json() == json.loads((folder / "manifest.json").read_text())
    answer = client.post("/invocations", content=ROWS, headers={"Content-Type": "text/csv"})
    assert [line.split(",")[9] for line in answer.text.splitlines()] == ["benign", "malignant"]


def test_without_a_model_the_bundled_one_serves(serve: Callable[..., httpx.Client], tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    bundled = json.loads((ROOT / "oncology_model" / "model" / "manifest.json").read_text())
    assert serve("-v", f"{tmp_path}:/opt/ml/model:ro").get("/model").json() == bundled


@pytest.mark.parametrize(("content", "reason"), [("{}", "has the format version None"), ("x", "is not JSON")])
def test_something_else_in_the_models_folder_stops_the_container(tmp_path: Path, content: str, reason: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "manifest.json").write_text(content)
    finished = run("run", "--rm", "--network=host", "-v", f"{tmp_path}:/opt/ml/model:ro",
                   f"--env=SAGEMAKER_BIND_TO_PORT={free_port()}", SERVICE, "serve", check=False)  # fmt: skip
    assert finished.returncode == 3
    assert reason in finished.stderr
    assert "Traceback" not in finished.stderr


def test_wrong_hyperparameters_are_told_in_the_failure(tmp_path: Path) -> None:
    job = make_job(tmp_path, {"depth": "3"})
    assert train(job).returncode == 2
    assert (job / "output/failure").read_text() == "Wrong hyperparameters: unrecognized arguments: --depth=3"
    assert list((job / "model").iterdir()) == []


@pytest.mark.parametrize("name", CLIENTS)
def test_an_independent_client_of_the_open_inference_protocol_gets_its_predictions(
    serve: Callable[..., httpx.Client], name: str, tmp_path: Path
) -> None:
    venv.create(tmp_path, with_pip=True)
    python = str(tmp_path / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", CLIENTS[name]], check=True, capture_output=True)
    script = str(Path(__file__).with_name("open_inference_clients.py"))
    address = serve().base_url
    command = [python, script, name, f"{address.host}:{address.port}"]
    clean = {variable: value for variable, value in os.environ.items() if variable != "PYTHONPATH"}
    finished = subprocess.run(command, capture_output=True, text=True, env=clean, check=False)
    assert finished.stdout == "as expected\n", finished.stderr
