"""Data, model, KPIs and wheel go up, and come down elsewhere, by the Makefile's verbs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest

from oncology_model import artifact
from tests import servers
from tests.aws.conftest import ROOT, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.aws

MODEL = ROOT / "oncology_model" / "model"
QUICK = ["--folds=2", "--repeats=1", "--inner-folds=2", "--inner-repeats=1", "--jobs=1", "--min-specificity=0.8"]


def test_data_go_up_and_a_classifier_is_trained_from_bucket_to_bucket(s3, s3_folder):
    assert make("upload.data", s3).returncode == 0
    assert (s3_folder / "acme-data" / "breast_cancer.csv").read_bytes() == (
        ROOT / "data/breast_cancer.csv"
    ).read_bytes()
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "trainer", *QUICK, "--data=s3://acme-data/breast_cancer.csv"),
            *("--output=s3://acme-models/jobs/1", "--reports=s3://acme-metrics/reports/1"),
        ],
        env=os.environ | s3,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    trained = artifact.read(s3_folder / "acme-models" / "jobs" / "1")
    assert trained.digest in finished.stdout.replace("\n", "")
    reports = s3_folder / "acme-metrics" / "reports" / "1"
    assert json.loads((reports / "metrics.json").read_text())["training_seconds"] > 0
    assert trained.digest in (reports / "report.html").read_text()


def test_a_model_goes_up_once_and_comes_down_the_same(s3, s3_folder, tmp_path):
    ours = artifact.read(MODEL)
    version = ours.manifest.model_version
    assert f"Wrote s3://acme-models/oncology-model/{version}\n" in make("upload.model", s3).stdout
    assert artifact.read(s3_folder / "acme-models" / "oncology-model" / version).digest == ours.digest

    again = make("upload.model", s3)
    assert again.returncode == 2
    assert f"/{version}: this version exists already and is never overwritten: choose another version\n" in again.stderr

    url = f"s3://acme-models/oncology-model/{version}"
    fetched = make("download.model", s3, f"MODEL_URL={url}", f"MODEL={tmp_path}/manifest.json")
    assert f"version {version}, digest {ours.digest}" in fetched.stdout
    assert artifact.read(tmp_path).digest == ours.digest


def test_the_digest_of_a_model_is_stored_with_it(moto, aws):
    aws(
        "s3api",
        "create-bucket",
        "--bucket=acme-models",
        "--create-bucket-configuration=LocationConstraint=eu-central-1",
    )
    assert make("upload.model", moto).returncode == 0
    key = f"oncology-model/{artifact.read(MODEL).manifest.model_version}/manifest.json"
    assert aws("s3api", "head-object", "--bucket=acme-models", f"--key={key}")["Metadata"] == {
        "sha256": artifact.read(MODEL).digest
    }


def test_kpis_go_up_and_are_shown_and_a_version_is_recorded_once(s3, s3_folder):
    environment = s3 | {
        "BUILD_NUMBER": "77",
        "PYTEST_ADDOPTS": "-p no:cacheprovider tests/trainer/test_gate.py tests/webservice/test_settings.py",
    }
    finished = make("upload.monitoring", environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    lines = (s3_folder / "acme-metrics" / "trainer" / "0.1.77.json").read_text().splitlines()
    kpis = {line["kpi"]: line["value"] for line in map(json.loads, lines)}
    assert kpis["nested.sensitivity.value"] > 0.9
    assert kpis["training_seconds"] > 0
    assert 0 < kpis["coverage"] < 1
    assert kpis["tests.passed"] > 0
    assert (s3_folder / "acme-metrics" / "webservice" / "0.1.77.json").exists()
    manifest = json.loads((s3_folder / "acme-metrics" / "quicksight.json").read_text())
    prefixes = ["s3://acme-metrics/trainer/", "s3://acme-metrics/webservice/"]
    assert manifest["fileLocations"] == [{"URIPrefixes": prefixes}]

    assert make("report", s3).returncode == 0
    assert "1 versions, 0.1.77 to 0.1.77." in (ROOT / "build" / "kpis.html").read_text()

    again = make("upload.monitoring", environment)
    assert again.returncode == 2
    assert "s3://acme-metrics/trainer/0.1.77.json: it exists already and is never overwritten" in again.stderr


@pytest.fixture
def package_repository(tmp_path: Path) -> Iterator[str]:
    """A real package repository that takes uploads from who has the password."""
    digest = base64.b64encode(hashlib.sha1(b"secret", usedforsecurity=False).digest()).decode()
    (tmp_path / "passwords").write_text(f"releaser:{{SHA}}{digest}\n")
    (tmp_path / "packages").mkdir()
    port = servers.free_port()
    command = [servers.BIN / "pypi-server", "run", "--interface=127.0.0.1", f"--port={port}", "--disable-fallback"]
    command += [f"--passwords={tmp_path}/passwords", "--authenticate=update,list,download", f"{tmp_path}/packages"]
    with servers.serving(command, port, tmp_path / "log") as url:
        yield url


def test_the_wheel_is_published_and_installed_elsewhere(package_repository, tmp_path):
    environment = {"PACKAGE_REPOSITORY_URL": package_repository, "BUILD_NUMBER": "123"}
    refused = make("upload.package", environment | {"TWINE_USERNAME": "releaser", "TWINE_PASSWORD": "wrong"})
    assert refused.returncode == 2
    assert "403 Forbidden" in refused.stdout
    assert "a 401 or 403, that TWINE_USERNAME or TWINE_PASSWORD is wrong" in refused.stderr

    login = environment | {"TWINE_USERNAME": "releaser", "TWINE_PASSWORD": "secret"}
    finished = make("upload.package", login)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "secret" not in finished.stdout + finished.stderr

    again = make("upload.package", login)
    assert again.returncode == 2
    assert (
        "Not published: a 400 or 409 above means that 0.1.123 exists already: choose another BUILD_NUMBER"
        in again.stderr
    )

    venv.create(tmp_path / "elsewhere", with_pip=True)
    python = tmp_path / "elsewhere" / "bin" / "python"
    index = package_repository.replace("http://", "http://releaser:secret@") + "/simple/"
    command = [python, "-m", "pip", "install", "--quiet", "--extra-index-url", index, "oncology-model==0.1.123"]
    subprocess.run(command, check=True)
    code = (
        "import oncology_model as o; print(o.__version__, o.Classifier().predict(o.Tumor(4, 1, 2, 1, 2, 1, 1, 1, 1)))"
    )
    printed = subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed.split() == ["0.1.123", "Prediction.BENIGN"]


def test_a_wheel_without_a_password_is_not_published(package_repository):
    finished = make("upload.package", {"PACKAGE_REPOSITORY_URL": package_repository})
    assert finished.returncode == 2
    assert "Traceback" not in finished.stdout + finished.stderr


@pytest.mark.parametrize(
    ("verb", "variable"),
    [
        ("upload.data", "DATA_BUCKET"),
        ("upload.model", "MODELS_BUCKET"),
        ("upload.monitoring", "HISTORY"),
        ("upload.package", "PACKAGE_REPOSITORY_URL"),
        ("storage", "DATA_BUCKET"),
        ("cluster", "DATA_BUCKET"),
        ("reporting", "METRICS_BUCKET"),
    ],
)
def test_a_verb_names_the_setting_that_it_lacks(verb, variable):
    finished = make(verb, {})
    assert finished.returncode == 2
    assert finished.stderr.splitlines()[0].startswith(f"{variable} is not set: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no AWS credentials: set AWS_PROFILE"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "AWS does not accept these credentials: correct the profile"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "the storage cannot be reached: check the network, AWS_ENDPOINT_URL",
        ),
        ({"DATA_BUCKET": "acme-dta"}, "there is no such bucket: correct its name, or make it with `make storage`"),
    ],
)
def test_what_an_upload_cannot_do_is_one_line(s3, change, reason):
    environment = {name: value for name, value in (s3 | change).items() if value}
    finished = make("upload.data", environment)
    assert finished.returncode == 2
    [line, stopped] = finished.stderr.splitlines()
    assert line.startswith("s3://acme-d")
    assert reason in line
    assert stopped.startswith("make: *** ")


def test_what_is_no_model_does_not_come_down(s3, s3_folder, tmp_path):
    (s3_folder / "acme-models" / "broken").mkdir()
    (s3_folder / "acme-models" / "broken" / "manifest.json").write_text("{}")
    finished = make("download.model", s3, "MODEL_URL=s3://acme-models/broken", f"MODEL={tmp_path}/manifest.json")
    assert finished.returncode == 2
    assert finished.stderr.startswith("s3://acme-models/broken/manifest.json has the format version None")
