"""The images of a first version, where there is a cluster to try them on."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.deployment.cluster import VERSION, made


@pytest.fixture(scope="session")
def cluster() -> None:
    """The cluster of KUBECONFIG, with both images of a first version in its registry."""
    if "KUBECONFIG" not in os.environ:
        pytest.skip("KUBECONFIG is not set: no cluster to test on")
    if subprocess.run(["kubectl", "get", "--raw", "/readyz"], capture_output=True, check=False).returncode:
        pytest.skip(f"no cluster answers at KUBECONFIG={os.environ['KUBECONFIG']}")
    made("images", "publish", f"version={VERSION}")
