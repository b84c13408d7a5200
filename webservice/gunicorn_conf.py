"""How gunicorn serves: ``gunicorn --config python:webservice.gunicorn_conf`` needs nothing more.

The names are gunicorn's: https://gunicorn.org/reference/settings/
"""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

from webservice import drain, logs, shared
from webservice.cpu import available_cpus
from webservice.ready import be_ready
from webservice.settings import MAX_HEADER_BYTES, MAX_HEADERS, MAX_REQUEST_LINE_BYTES, settings_or_exit

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

_settings = settings_or_exit()
_MEMORY_DISK = "/dev/shm"  # noqa: S108 - gunicorn makes an unnamed file there

wsgi_app = "webservice.wsgi:app"
proc_name = "oncology"
bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"

workers = _settings.workers or available_cpus()
worker_class = "webservice.worker.Worker"
threads = _settings.threads
# As many as there may be files, some being needed for others: where no more are accepted, new clients hear nothing.
_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
worker_connections = 16_384 if _files == resource.RLIM_INFINITY else min(16_384, max(_files - 64, _files // 2))
# Workers share the memory of the application, which is loaded once, and a wrong artifact stops the start.
preload_app = True

limit_request_line = MAX_REQUEST_LINE_BYTES
limit_request_fields = MAX_HEADERS
limit_request_field_size = MAX_HEADER_BYTES
# ONCOLOGY_PROXY_HOPS alone says whose X-Forwarded-Proto holds: gunicorn would believe everybody on this machine.
forwarded_allow_ips = ""

keepalive = _settings.keepalive
graceful_timeout = _settings.graceful_timeout
# A worker tells that it lives by a file's time: on a disk that blocks, it would be killed for that.
worker_tmp_dir = _MEMORY_DISK if os.access(_MEMORY_DISK, os.W_OK) else None

logconfig_dict = logs.configuration()

# Nobody administers a container through a socket in its home directory, which may be read-only.
control_socket_disable = True

pre_request = drain.close_connection


def when_ready(server: Arbiter) -> None:
    """Drain when told to stop, and be ready."""
    drain.before_stop(server, _settings.drain_seconds)
    be_ready(_settings, server.log)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Give the worker to come a place to count at."""
    worker.place = shared.lowest_free(other.place for other in server.WORKERS.values())
    try:
        shared.reserve(worker.place)
    except OSError as error:
        server.log.warning("There is no room for the metrics of another worker (%s)", error.strerror)


def post_fork(_server: Arbiter, worker: Worker) -> None:
    """Let the worker count there."""
    shared.take(worker.place)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Let its gauges count no more."""
    shared.forget(worker.place)


def on_exit(_server: Arbiter) -> None:
    """Leave nothing on the memory disk."""
    shared.remove()
