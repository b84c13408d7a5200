"""What the deployment's verbs say where something is missing: one line that tells what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
IMAGES: Final = {"CONTAINER_TOOL": "true", "VERSION": "1", "REGISTRY": "localhost:1", "PACKAGE_INDEX_URL": "none"}
CLUSTER: Final = {"OVERLAY": "local", "NAMESPACE": "default", "TAG": "localhost:1/a", "TEAM": "oncology", "YES": "1"}
needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


def said(script: str, verb: str, cwd: Path, **environment: str) -> str:
    """What a script says as it fails."""
    command = [str(ROOT / script), verb]
    settings = os.environ | IMAGES | CLUSTER | environment
    result = subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    return result.stderr.removesuffix("\n")


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """Leads to a cluster that does not answer."""
    path = tmp_path / "kubeconfig"
    path.write_text(
        "{apiVersion: v1, kind: Config, current-context: gone, clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}],"
        " users: [{name: u, user: {}}], contexts: [{name: gone, context: {cluster: c, user: u}}]}"
    )
    return path


def test_images_want_a_container_tool(tmp_path: Path) -> None:
    told = said("make/images", "build", tmp_path, CONTAINER_TOOL="no-such-tool")
    assert told == "no-such-tool is not installed: install it, or name another with CONTAINER_TOOL="


def test_images_want_an_artifact(tmp_path: Path) -> None:
    told = said("make/images", "build", tmp_path)
    assert told == "no artifact in oncology_model/model: run 'make train' first"


def test_what_was_not_built_cannot_be_published(tmp_path: Path) -> None:
    told = said("make/images", "publish", tmp_path, CONTAINER_TOOL="false")
    assert told == "there is no image oncology-webservice:1 here: run 'make images' first"


@needs_kubectl
def test_deploying_wants_a_context(tmp_path: Path) -> None:
    told = said("k8s/ship", "confirm", tmp_path, KUBECONFIG=str(tmp_path / "none"))
    assert told == "kubectl has no current context: point KUBECONFIG at a cluster's"


@needs_kubectl
def test_an_unknown_context_is_told_with_those_that_are_known(tmp_path: Path, kubeconfig: Path) -> None:
    told = said("k8s/ship", "confirm", tmp_path, KUBECONFIG=str(kubeconfig), CONTEXT="production")
    assert told == "kubectl knows no context production: it knows gone"


@needs_kubectl
def test_a_cluster_that_does_not_answer_is_told_with_its_address(tmp_path: Path, kubeconfig: Path) -> None:
    told = said("k8s/ship", "deploy", tmp_path, KUBECONFIG=str(kubeconfig))
    assert told == (
        "no cluster answers at https://127.0.0.1:1 (context gone): start it, or choose another context with CONTEXT="
    )
