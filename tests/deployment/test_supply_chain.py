"""What is installed: pinned, by digest, and listed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT: Final = Path(__file__).parents[2]
LOCK: Final[dict[str, dict[str, Any]]] = json.loads((ROOT / "Pipfile.lock").read_text())


def categories(image: str) -> list[str]:
    """Those that a Dockerfile installs."""
    text = (ROOT / f"Dockerfile.{image}").read_text()
    (found,) = re.findall(r'categories[= ]"(packages [a-z ]+)"', text)
    return ["default" if name == "packages" else name for name in found.split()]


def test_every_package_is_locked_to_one_version_and_its_digests() -> None:
    locked = {(group, name): package for group in LOCK if group != "_meta" for name, package in LOCK[group].items()}
    assert len(locked) > 100
    for name, package in locked.items():
        assert package["version"].startswith("=="), name
        assert package["hashes"], name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in package["hashes"]), name


def test_images_install_nothing_without_its_digest() -> None:
    for image in ("webservice", "trainer"):
        text = (ROOT / f"Dockerfile.{image}").read_text()
        installs = [
            line for line in text.splitlines() if re.search(r"pip\b.* install ", line) and "pipenv==" not in line
        ]
        assert installs
        assert all("--require-hashes" in line or "--no-deps --no-index" in line for line in installs)


@pytest.mark.parametrize("image", ["webservice", "trainer"])
def test_the_bill_of_materials_lists_what_the_image_installs(image: str) -> None:
    subprocess.run(["make", f"sbom.{image}"], cwd=ROOT, check=True, capture_output=True, timeout=120)
    text = (ROOT / f"build/sbom/oncology-{image}.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert bill["metadata"]["component"]["name"] == f"oncology-{image}"
    listed = {component["name"]: component for component in bill["components"]}
    expected = {name: package for group in categories(image) for name, package in LOCK[group].items()}
    assert listed.keys() == expected.keys()
    for name, package in expected.items():
        assert "==" + listed[name]["version"] == package["version"]
        (distribution,) = listed[name]["externalReferences"]
        assert {"sha256:" + digest["content"] for digest in distribution["hashes"]} == set(package["hashes"])
