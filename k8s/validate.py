"""Validates every manifest strictly, as a file and as kubectl would apply it."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from kubernetes_validate import SchemaNotFoundError, ValidationError, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

K8S: Final = Path(__file__).parent
KUBERNETES_VERSION: Final = "1.37"
"""What the manifests are validated against: the newest that kubernetes-validate knows."""
KUSTOMIZATION: Final = "kustomization.yaml"
# Kinds that are not Kubernetes' own, so that it has no schema for them; tests hold what they refer to.
CUSTOM_GROUPS: Final = ("monitoring.coreos.com/", "serving.kserve.io/")


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


def optional_components() -> list[Path]:
    """The components that no kustomization names, so that an overlay of one's own has to."""
    named = "".join(path.read_text() for path in K8S.rglob(KUSTOMIZATION))
    components = (path for path in (K8S / "components").iterdir() if (path / KUSTOMIZATION).exists())
    return sorted(path for path in components if f"components/{path.name}" not in named)


def render_with(component: Path, overlay: Path) -> str:
    """The manifests of an overlay with one more component."""
    with tempfile.TemporaryDirectory(dir=K8S) as folder:
        (Path(folder) / KUSTOMIZATION).write_text(
            f"resources: [../{overlay.relative_to(K8S)}]\ncomponents: [../{component.relative_to(K8S)}]\n"
        )
        return render(Path(folder))


def rendered() -> Iterator[tuple[str, str]]:
    """Everything that kubectl would apply, with what it comes from."""
    for folder in kustomizations():
        yield str(folder.relative_to(K8S)), render(folder)
    overlays = sorted((K8S / "overlays").iterdir())
    for component, overlay in itertools.product(optional_components(), overlays):
        source = f"{overlay.relative_to(K8S)} with {component.relative_to(K8S)}"
        yield source, render_with(component, overlay)


def main() -> int:
    """Print what is wrong; the number of problems decides the exit status."""
    found = [line for path in manifests() for line in problems(path.read_text(), str(path.relative_to(K8S)))]
    if shutil.which("kubectl"):
        found += [line for source, text in rendered() for line in problems(text, source)]
    else:
        print("kubectl is not installed: the manifests were validated as files only, not as it would render them")
    print("\n".join(found) if found else f"every manifest is valid in Kubernetes {KUBERNETES_VERSION}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
