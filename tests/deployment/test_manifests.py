"""What the manifests promise, as kubectl renders them."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from k8s import validate
from webservice.settings import GRACEFUL_TIMEOUT_SECONDS, Settings

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl, which renders them, is not installed")

OVERLAYS: Final = ["local", "eks"]
SERVICE: Final = "oncology-webservice"


@cache
def objects(overlay: str) -> dict[str, dict[str, Any]]:
    """The objects of an overlay by kind, those of the service where both it and the trainer have one."""
    text = validate.render(validate.K8S / "overlays" / overlay)
    found = sorted(yaml.safe_load_all(text), key=lambda item: item["metadata"]["name"])
    return {item["kind"]: item for item in found}


def pod(overlay: str, kind: str = "Deployment") -> dict[str, Any]:
    """The specification of the pods that an object of an overlay makes."""
    spec: dict[str, Any] = objects(overlay)[kind]["spec"]
    if kind == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    found: dict[str, Any] = spec["template"]["spec"]
    return found


def ports(overlay: str) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in pod(overlay)["containers"][0]["ports"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_has_time_to_drain_and_to_stop_before_it_is_killed(overlay: str) -> None:
    drain = int(objects(overlay)["ConfigMap"]["data"]["ONCOLOGY_DRAIN_SECONDS"])
    assert drain > 0
    assert pod(overlay)["terminationGracePeriodSeconds"] > drain + GRACEFUL_TIMEOUT_SECONDS


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_service_understands_its_settings(overlay: str) -> None:
    Settings.from_environment(objects(overlay)["ConfigMap"]["data"])


@pytest.mark.parametrize(
    ("overlay", "kind"),
    [
        ("local", "Deployment"),
        ("eks", "Deployment"),
        ("local/trainer", "Job"),
        ("eks/trainer", "Job"),
        ("eks", "CronJob"),
    ],
)
def test_pods_keep_to_the_restricted_pod_security_level(overlay: str, kind: str) -> None:
    spec = pod(overlay, kind)
    container = spec["containers"][0]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]  # noqa: S108


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_says_whose_it_is(overlay: str) -> None:
    for kind, item in objects(overlay).items():
        labels = item["metadata"]["labels"]
        assert labels["team"] == "oncology", kind
        assert kind == "Namespace" or labels["app"] in {SERVICE, "oncology-trainer"}, kind


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_rollout_takes_no_pod_away_before_another_is_ready(overlay: str) -> None:
    assert objects(overlay)["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_service_leads_to_where_the_pods_listen(overlay: str) -> None:
    service = objects(overlay)["Service"]["spec"]
    assert (
        service["selector"].items() <= objects(overlay)["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    )
    assert ports(overlay)[service["ports"][0]["targetPort"]] == Settings().port
    probes = (pod(overlay)["containers"][0][f"{name}Probe"] for name in ("startup", "liveness", "readiness"))
    assert {probe["httpGet"]["port"] for probe in probes} == {"http"}


def test_what_eks_adds_refers_to_what_is_there() -> None:
    eks = objects("eks")
    assert eks["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == eks["Deployment"]["metadata"]["name"]
    assert eks["PodDisruptionBudget"]["spec"]["selector"] == eks["Deployment"]["spec"]["selector"]
    backend = eks["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": eks["Service"]["metadata"]["name"], "port": {"name": "http"}}
    monitor = eks["ServiceMonitor"]["spec"]
    assert monitor["selector"]["matchLabels"].items() <= eks["Service"]["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["targetPort"] in ports("eks")


def test_the_autoscaler_alone_says_how_many_pods_run_on_eks() -> None:
    assert "replicas" not in objects("eks")["Deployment"]["spec"]


def test_the_cron_job_runs_what_the_job_runs() -> None:
    assert pod("eks", "CronJob") == pod("eks/trainer", "Job")
    assert objects("eks")["CronJob"]["spec"]["suspend"] is True


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_with_the_component_of_keys_the_service_reads_the_secret(overlay: str) -> None:
    (component,) = validate.optional_components()
    assert component.name == "keys"
    found = yaml.safe_load_all(validate.render_with(component, validate.K8S / "overlays" / overlay))
    by_name = {(item["kind"], item["metadata"]["name"]): item for item in found}
    spec = next(item for (kind, _), item in by_name.items() if kind == "Deployment")["spec"]["template"]["spec"]
    (volume,) = [volume for volume in spec["volumes"] if volume["name"] == "keys"]
    assert volume["secret"] == {"secretName": "oncology-webservice-keys"}
    (container,) = spec["containers"]
    (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "keys"]
    settings = Settings.from_environment(by_name["ConfigMap", container["envFrom"][0]["configMapRef"]["name"]]["data"])
    assert settings.api_keys_file == Path(mount["mountPath"]) / "keys"
    assert settings.drain_seconds > 0
    assert mount["readOnly"] is True


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {port: []}}", "'port' was unexpected"),
        ("{apiVersion: v1, kind: Servise, metadata: {name: a}}", "Couldn't find schema for kind Servise"),
    ],
)
def test_a_misspelt_manifest_is_refused_by_file_and_name(manifest: str, problem: str) -> None:
    (found,) = validate.problems(manifest, "a.yaml")
    assert found.startswith("a.yaml: Serv")
    assert problem in found
