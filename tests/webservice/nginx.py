"""A real proxy in front of the service: nginx, under HTTPS and a prefix."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.webservice.ports import listening
from tests.webservice.processes import SECONDS, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "/oncology"

CONFIGURATION = """
pid nginx.pid;
error_log stderr crit;
events {{}}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
    location {prefix}/ {{
      proxy_pass http://127.0.0.1:{upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Host service.internal;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Prefix {prefix};
    }}
  }}
}}
"""


@contextlib.contextmanager
def proxying(upstream: int, folder: Path) -> Iterator[str]:
    """Give the address under which nginx serves what is served at port ``upstream``."""
    if not (nginx := shutil.which("nginx")):
        pytest.skip("nginx is not installed")
    port = free_port()
    certificate = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run(["openssl", "req", *certificate, *files], check=True, capture_output=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(port=port, upstream=upstream, prefix=PREFIX))
    command = [nginx, "-p", folder, "-c", configuration, "-g", "daemon off;"]
    with subprocess.Popen(command) as process:
        try:
            listening(port)
            yield f"https://127.0.0.1:{port}{PREFIX}"
        finally:
            process.terminate()
            process.wait(SECONDS)
