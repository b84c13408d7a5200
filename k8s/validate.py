"""Validates every manifest strictly, as a file and as kubectl would apply it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml
from kubernetes_validate import SchemaNotFoundError, ValidationError, validate

K8S: Final = Path(__file__).parent
KUBERNETES_VERSION: Final = "1.37"
"""What the manifests are validated against: the newest that kubernetes-validate knows."""
KUSTOMIZATION: Final = "kustomization.yaml"
# Kinds that are not Kubernetes' own, so that it has no schema for them; tests hold what they refer to.
CUSTOM_GROUPS: Final = ("monitoring.coreos.com/",)


def problems(text: str, source: str) -> list[str]:
    """What is wrong with the manifests in ``text``, one line each."""
    return [
        f"{source}: {problem}" for manifest in yaml.safe_load_all(text) if manifest and (problem := _problem(manifest))
    ]


def _problem(manifest: dict[str, Any]) -> str | None:
    if manifest["apiVersion"].startswith(CUSTOM_GROUPS):
        return None
    name = f"{manifest['kind']} {manifest['metadata']['name']}"
    try:
        validate(manifest, KUBERNETES_VERSION, strict=True)
    except ValidationError as error:
        return f"{name}: {'.'.join(map(str, error.path))}: {error.message}"
    except SchemaNotFoundError as error:
        return f"{name}: {error.message}"
    return None


def manifests() -> list[Path]:
    """The files that are manifests as they stand."""
    return sorted(path for path in K8S.rglob("*.yaml") if path.name != KUSTOMIZATION)


def kustomizations() -> list[Path]:
    """The folders that ``kubectl apply -k`` takes; a Component is only a part of one."""
    return sorted(path.parent for path in K8S.rglob(KUSTOMIZATION) if "kind: Kustomization" in path.read_text())


def render(folder: Path) -> str:
    """The manifests that ``kubectl apply -k folder`` would apply."""
    command = ["kubectl", "kustomize", str(folder)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def main() -> int:
    """Print what is wrong; the number of problems decides the exit status."""
    found = [line for path in manifests() for line in problems(path.read_text(), str(path.relative_to(K8S)))]
    if shutil.which("kubectl"):
        found += [
            line for folder in kustomizations() for line in problems(render(folder), str(folder.relative_to(K8S)))
        ]
    else:
        print("kubectl is not installed: the manifests were validated as files only, not as it would render them")
    print("\n".join(found) if found else f"every manifest is valid in Kubernetes {KUBERNETES_VERSION}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
