"""What the manifests of the Dask cluster promise, as kubectl renders them."""

from __future__ import annotations

import shutil
from functools import cache
from typing import Any, Final

import pytest
import yaml

from k8s import validate

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl, which renders them, is not installed")

ROLES: Final = ["scheduler", "worker"]


@cache
def objects() -> dict[tuple[str, str], dict[str, Any]]:
    """The objects, by kind and name."""
    rendered = yaml.safe_load_all(validate.render(validate.K8S / "dask"))
    return {(item["kind"], item["metadata"]["name"]): item for item in rendered}


def pod(role: str) -> dict[str, Any]:
    found: dict[str, Any] = objects()["Deployment", f"oncology-dask-{role}"]["spec"]["template"]
    return found


def ports(role: str) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in pod(role)["spec"]["containers"][0]["ports"]}


@pytest.mark.parametrize("role", ROLES)
def test_pods_keep_to_the_restricted_pod_security_level(role: str) -> None:
    spec = pod(role)["spec"]
    [container] = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]  # noqa: S108


@pytest.mark.parametrize("role", ROLES)
def test_both_run_the_trainers_image_and_belong_to_the_cluster(role: str) -> None:
    assert pod(role)["spec"]["containers"][0]["image"] == "oncology-trainer"
    assert pod(role)["metadata"]["labels"] == {"app": "oncology-dask", "role": role}


def test_the_service_and_the_workers_lead_to_the_scheduler() -> None:
    service = objects()["Service", "oncology-dask-scheduler"]["spec"]
    assert service["selector"].items() <= pod("scheduler")["metadata"]["labels"].items()
    assert ports("scheduler")[service["ports"][0]["targetPort"]] == 8786
    [settings] = [item["data"] for (kind, _), item in objects().items() if kind == "ConfigMap"]
    assert settings == {"SCHEDULER": f"tcp://oncology-dask-scheduler:{service['ports'][0]['port']}"}
    assert "$(SCHEDULER)" in pod("worker")["spec"]["containers"][0]["command"]


def test_only_workers_and_the_trainers_pods_reach_the_scheduler() -> None:
    [rule] = objects()["NetworkPolicy", "oncology-dask-scheduler"]["spec"]["ingress"]
    labels = [peer["podSelector"]["matchLabels"] for peer in rule["from"]]
    assert labels == [{"app": "oncology-dask", "role": "worker"}, {"app": "oncology-trainer"}]
    assert [ports("scheduler").get(port["port"]) for port in rule["ports"]] == [8786]


def test_there_is_one_scheduler() -> None:
    spec = objects()["Deployment", "oncology-dask-scheduler"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
