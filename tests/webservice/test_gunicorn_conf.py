"""How gunicorn is set up."""

from __future__ import annotations

import gc
import logging
import os
import resource
import runpy
from types import SimpleNamespace
from typing import Any

import pytest

from webservice import drain
from webservice.cpu import available_cpus


def configuration(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in [name for name in os.environ if name.startswith("ONCOLOGY_")]:
        monkeypatch.delenv(name)
    for name, value in ({"PORT": "9000"} | environment).items():
        monkeypatch.setenv(name, value)
    return runpy.run_module("webservice.gunicorn_conf")


def test_a_worker_for_each_cpu_of_the_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration(monkeypatch)["workers"] == available_cpus()


def test_the_settings_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = configuration(
        monkeypatch,
        ONCOLOGY_WORKERS="3",
        ONCOLOGY_THREADS="5",
        ONCOLOGY_GRACEFUL_TIMEOUT="6",
        ONCOLOGY_KEEPALIVE="7",
    )
    assert (set_up["workers"], set_up["threads"], set_up["graceful_timeout"], set_up["keepalive"]) == (3, 5, 6, 7)


@pytest.mark.parametrize(("writable", "folder"), [(True, "/dev/shm"), (False, None)])  # noqa: S108
def test_workers_tell_that_they_live_in_memory_where_they_can(
    monkeypatch: pytest.MonkeyPatch, writable: bool, folder: str | None
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: writable)
    assert configuration(monkeypatch)["worker_tmp_dir"] == folder


@pytest.mark.parametrize(
    ("host", "bound"),
    [("127.0.0.1", "127.0.0.1:9000"), ("0.0.0.0", "0.0.0.0:9000"), ("::", "[::]:9000")],  # noqa: S104
)
def test_it_binds_the_host_and_the_port(monkeypatch: pytest.MonkeyPatch, host: str, bound: str) -> None:
    assert configuration(monkeypatch, ONCOLOGY_HOST=host)["bind"] == bound


@pytest.mark.parametrize(("files", "connections"), [(512, 448), (64, 32), (1 << 20, 16_384), (-1, 16_384)])
def test_it_accepts_no_more_clients_than_there_may_be_files(
    monkeypatch: pytest.MonkeyPatch, files: int, connections: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert configuration(monkeypatch)["worker_connections"] == connections


def test_once_ready_it_tells_its_address_and_nothing_loaded_is_garbage(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_up = configuration(monkeypatch)
    monkeypatch.setattr(drain, "before_stop", lambda _server, _seconds: None)  # it would take this process's SIGALRM
    gc.disable()  # as while it loads
    try:
        with caplog.at_level(logging.INFO):
            set_up["when_ready"](SimpleNamespace(log=logging.getLogger("gunicorn")))
        assert "documentation at http://127.0.0.1:9000/docs" in caplog.text
        assert gc.get_freeze_count() > 0
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
