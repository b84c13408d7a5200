"""A real Prometheus server with the project's rules, that scrapes real services."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.servers import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "monitoring" / "rules.yaml"
SECONDS = 60


@dataclass(frozen=True)
class Prometheus:
    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The labels of each series, and its value as ``value``."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        return [{**one["metric"], "value": float(one["value"][1])} for one in answer.json()["data"]["result"]]

    def wait_for(self, expression: str, enough: Callable[[list[dict[str, Any]]], bool] = bool) -> list[dict[str, Any]]:
        limit = time.monotonic() + SECONDS
        while not enough(found := self.query(expression)):
            assert time.monotonic() < limit, f"{expression} is {found}"
            time.sleep(0.2)
        return found


@contextmanager
def scraping(ports_by_job: Mapping[str, int], folder: Path) -> Iterator[Prometheus]:
    """Prometheus that scrapes these ports of this machine each second, and evaluates the rules as often."""
    configuration = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
            for job, port in ports_by_job.items()
        ],
    }
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration))
    port = free_port()
    options = [
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with serving(["prometheus", *options], port, folder / "prometheus.log") as url:
        yield Prometheus(url)
