"""What is in the images, and how they run: `make test.images`."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
import pytest

from tests.deployment.load import TUMOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.images

ROOT: Final = Path(__file__).parents[2]
TOOL: Final = os.environ.get("CONTAINER_TOOL", "docker")
FLAGS: Final = os.environ.get("CONTAINER_BUILD_FLAGS", "").split()
SERVICE: Final = "oncology-webservice:test"
TRAINER: Final = "oncology-trainer:test"
# As the restricted Pod Security level has it, and a user that the image does not know.
RESTRICTED: Final = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "all", "--user", "54321:54321")  # noqa: S108
PASSWORD: Final = "correct-horse-battery-staple"  # noqa: S105 - nobody's


def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, *arguments], cwd=ROOT, capture_output=True, text=True, check=check)


def python(image: str, *arguments: str) -> str:
    """What Python says within an image."""
    return run("run", "--rm", *RESTRICTED, "--entrypoint", "python", image, *arguments).stdout


def labels(image: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(run("image", "inspect", image).stdout)[0]["Config"]["Labels"]
    return found


def files(image: str) -> set[str]:
    """The paths of every file in an image."""
    found = run("run", "--rm", "--user", "0", "--entrypoint", "find", image, "/", "-xdev", "-type", "f")
    return set(found.stdout.splitlines())


def modules(image: str) -> str:
    """Which of the packages that may be too many can be imported."""
    names = "distributed flask granian opentelemetry pandas pyarrow pytest s3fs sklearn trainer webservice"
    return python(image, "-c", f"import importlib.util as u; print(*filter(u.find_spec, '{names}'.split()))").strip()


def build_images(version: str) -> str:
    """Both images, built as a user builds them; what was told."""
    if not shutil.which(TOOL):
        pytest.skip(f"{TOOL} is not installed: no container tool to test with (CONTAINER_TOOL)")
    command = ["make", "images", f"version={version}"]
    build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stdout + build.stderr
    return build.stdout


@pytest.fixture(scope="module", autouse=True)
def images() -> None:
    print("\n" + "\n".join(line for line in build_images("test").splitlines() if " MB " in line))


@pytest.fixture
def serve() -> Iterator[Callable[..., httpx.Client]]:
    """Starts a service image, restricted as in the cluster: a client of it."""
    containers: list[str] = []
    clients: list[httpx.Client] = []

    def serve(image: str, **settings: str) -> httpx.Client:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        given = [f"--env={name}={value}" for name, value in {"PORT": str(port), **settings}.items()]
        containers.append(run("run", "--detach", "--network=host", *RESTRICTED, *given, image).stdout.strip())
        clients.append(httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False))
        _wait_until_ready(clients[-1], containers[-1])
        return clients[-1]

    yield serve
    for client in clients:
        client.close()
    for container in containers:
        run("rm", "--force", container)


def _wait_until_ready(client: httpx.Client, container: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            client.get("/readyz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(run("logs", container).stderr)


def test_the_service_predicts_as_any_user_on_a_read_only_disk(serve: Callable[..., httpx.Client]) -> None:
    answer = serve(SERVICE).post("/predict", json=TUMOR)
    assert answer.json()["prediction"] == "benign"


def test_the_service_has_neither_trainer_nor_pandas_nor_scikit_learn() -> None:
    assert modules(SERVICE) == "flask opentelemetry webservice"


def test_the_trainer_has_what_scores_files_of_any_size_and_no_service() -> None:
    assert modules(TRAINER) == "distributed pandas pyarrow s3fs sklearn trainer"


@pytest.mark.parametrize("image", [SERVICE, TRAINER])
def test_the_command_line_is_in_the_image_wherever_it_is_called(image: str) -> None:
    said = run("run", "--rm", *RESTRICTED, "--workdir=/tmp", "--entrypoint=oncology", image, "--version")
    assert said.stdout.startswith("oncology-model 0.")


def test_a_server_that_is_not_in_the_image_is_said_in_one_line() -> None:
    result = run("run", "--rm", *RESTRICTED, "--env=ONCOLOGY_SERVER=granian", SERVICE, check=False)
    assert result.returncode == 2
    assert result.stderr == (
        "oncology: wrong settings: ONCOLOGY_SERVER is granian, which is not installed: "
        "`make images WITH_GRANIAN=1` adds it\n"
    )


@pytest.mark.parametrize("image", [SERVICE, TRAINER])
def test_an_image_has_no_tests_no_caches_and_no_compiler(image: str) -> None:
    found = files(image)
    ours = [path for path in found if path.startswith(("/app/", "/opt/oncology/"))]
    assert not [path for path in ours if "/tests/" in path]
    assert not [path for path in found if "/.cache/" in path or path.startswith("/root/.local/")]
    assert not [path for path in found if Path(path).name in {"gcc", "cc", "make", "pipenv", "hatchling"}]


@pytest.mark.parametrize("image", [SERVICE, TRAINER])
def test_an_image_says_what_it_was_made_from(image: str) -> None:
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = labels(image)
    assert found["org.opencontainers.image.version"] == "test"
    assert found["org.opencontainers.image.revision"] == revision.stdout.strip()
    assert found["org.opencontainers.image.source"]


def test_the_trainer_tells_its_options_as_any_user_on_a_read_only_disk() -> None:
    assert "--data" in run("run", "--rm", *RESTRICTED, TRAINER, "--help").stdout


def test_with_all_that_may_be_added_the_service_predicts_through_scikit_learn_and_under_granian(
    serve: Callable[..., httpx.Client],
) -> None:
    tag = "oncology-webservice:test-all"
    added = ("--build-arg=WITH_ESTIMATOR=1", "--build-arg=WITH_GRANIAN=1")
    run("build", *FLAGS, *added, "--file=Dockerfile.webservice", f"--tag={tag}", ".")
    assert modules(tag) == "flask granian opentelemetry pandas sklearn webservice"
    script = (
        "from oncology_model import *; print(Classifier(engine='estimator').predict(Tumor(4, 1, 2, 1, 2, 1, 1, 1, 1)))"
    )
    assert python(tag, "-c", script).strip() == "Prediction.BENIGN"
    for server in ("gunicorn", "granian"):
        answer = serve(tag, ONCOLOGY_SERVER=server).post("/predict", json=TUMOR)
        assert answer.json()["prediction"] == "benign"


def layers(image: str) -> list[str]:
    found: list[str] = json.loads(run("image", "inspect", image).stdout)[0]["RootFS"]["Layers"]
    return found


@pytest.mark.parametrize(("room", "module"), [("webservice", "app.py"), ("trainer", "gate.py")])
def test_a_change_of_the_code_makes_one_layer_anew_and_installs_nothing(room: str, module: str, tmp_path: Path) -> None:
    context = shutil.copytree(ROOT, tmp_path / "context", ignore=shutil.ignore_patterns(".*", "build"))
    with (context / room / module).open("a") as file:
        file.write("\n# A change.\n")
    image = f"oncology-{room}:test"
    run("build", *FLAGS, f"--file={context}/Dockerfile.{room}", f"--tag={image}-changed", str(context))
    changed = zip(layers(image), layers(f"{image}-changed"), strict=True)
    assert sum(before != after for before, after in changed) == 1


def test_an_image_that_cannot_be_pushed_stops_with_one_clear_line() -> None:
    command = ["make", "publish", "version=test", "REGISTRY=localhost:1"]
    publish = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert publish.returncode != 0
    [told] = [line for line in publish.stderr.splitlines() if not line.startswith("make")]
    assert told.startswith("localhost:1/oncology-webservice:test could not be pushed: ")


def test_a_context_without_artifact_stops_the_build_with_one_clear_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "oncology_model", tmp_path / "oncology_model", ignore=shutil.ignore_patterns("model"))
    for name in ("Dockerfile.webservice", "LICENSE", "README.md", "pyproject.toml", "Pipfile", "Pipfile.lock"):
        shutil.copy(ROOT / name, tmp_path)
    build = run("build", *FLAGS, f"--file={tmp_path}/Dockerfile.webservice", str(tmp_path), check=False)
    assert build.returncode != 0
    assert "no artifact in oncology_model/model: run 'make train' first" in build.stderr + build.stdout


def test_an_artifact_whose_files_do_not_belong_together_stops_the_build(tmp_path: Path) -> None:
    context = shutil.copytree(ROOT, tmp_path / "context", ignore=shutil.ignore_patterns(".*", "build"))
    (context / "oncology_model/model/model.joblib").write_bytes(b"of another artifact")
    build = run("build", *FLAGS, f"--file={context}/Dockerfile.webservice", str(context), check=False)
    assert build.returncode != 0
    assert "the two files do not belong together" in build.stderr + build.stdout


def test_credentials_of_the_package_index_are_in_no_layer(tmp_path: Path) -> None:
    index = urlsplit(os.environ["PACKAGE_INDEX_URL"])
    secret = tmp_path / "pip.conf"
    secret.write_text(
        f"[global]\nindex-url = {index._replace(netloc=f'reader:{PASSWORD}@{index.hostname}').geturl()}\n"
    )
    for file, stage in (("webservice", "app"), ("webservice", ""), ("trainer", "app"), ("trainer", "")):
        tag = f"oncology-secret:{file}{stage}"
        build = [*FLAGS, f"--secret=id=pip.conf,src={secret}", f"--file=Dockerfile.{file}", f"--tag={tag}"]
        # Without cache once, so that every step that wants the secret runs with it.
        build += [f"--target={stage}", "--no-cache"] if stage else []
        log = run("build", *build, ".")
        assert PASSWORD not in log.stdout + log.stderr
        assert PASSWORD not in run("history", "--no-trunc", tag).stdout
        _search(tag, tmp_path / "image.tar")


def _search(image: str, archive: Path) -> None:
    """Fail where a layer or the configuration of an image has the password."""
    run("save", "--output", str(archive), image)
    with tarfile.open(archive) as members:
        found = {member.name for member in members if member.isfile() and _has_password(members, member)}
        size = sum(member.size for member in members.getmembers())
    archive.unlink()
    assert found == set()
    assert size > 100_000_000, "the layers were not in the archive"


def _has_password(members: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    content = members.extractfile(member)
    return content is not None and PASSWORD.encode() in content.read()
