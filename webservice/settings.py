"""What an operator can set, read from the environment and checked before anything starts."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "ONCOLOGY_"

EXIT_WRONG_SETTINGS: Final = 2

# A tumour takes 250 bytes. Whoever sends more than this wants the service to run out of memory: a worker holds at
# most one body for each of its threads.
MAX_BODY_BYTES: Final = 1024 * 1024

# Ten thousand tumours take 2.5 MB of JSON and 0.3 MB of answers in CSV, and a second at most where all are wrong; what
# is larger is better sent in parts, or scored from a file. Compressed bodies have the same limit once decompressed.
MAX_BATCH_ROWS: Final = 10_000
MAX_BATCH_BYTES: Final = 4 * 1024 * 1024

# The longest address here is a link with a tumour in it, 300 bytes. Headers hold a key, a trace, and what browsers and
# proxies add. Whoever sends more wants workers to spend memory on nothing.
MAX_REQUEST_LINE_BYTES: Final = 4094
MAX_HEADERS: Final = 64
MAX_HEADER_BYTES: Final = 8190

# Kubernetes kills a pod 30 s after it asked it to stop.
GRACEFUL_TIMEOUT_SECONDS: Final = 25

# A load balancer must be the one that closes an idle connection, or it sends a request into a closed one and answers
# 502: AWS load balancers wait for 60 s.
KEEPALIVE_SECONDS: Final = 75

# Kubernetes sets such variables in every pod for every Service, and one of those may well be called oncology.
_SERVICE_LINK: Final = re.compile(
    r"_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$"
)
_SERVICE_ADDRESS: Final = re.compile(r"^(tcp|udp|sctp)://")

_Count = Annotated[int, Field(ge=1, le=1024)]
_Seconds = Annotated[int, Field(ge=1, le=3600)]


# As browsers write it: https://fetch.spec.whatwg.org/#origin-header
_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")


class SettingsError(ValueError):
    """Some settings are wrong: the message names all of them in one line."""


def _check_origins(value: str | None) -> str | None:
    if value and not all(map(_ORIGIN.fullmatch, _split(value))):
        raise ValueError("must name each origin as browsers do, such as https://clinic.example, separated by commas")
    return value


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",")]


class Settings(BaseModel):
    """The service's settings; each is the environment variable ``ONCOLOGY_`` and its name, save for ``PORT``."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model_dir: Annotated[Path | None, Field(description="folder of the artifact; the bundled one by default")] = None
    model_digest: Annotated[
        str | None, Field(pattern="^[0-9a-fA-F]{64}$", description="SHA-256 that the artifact's manifest must have")
    ] = None
    api_keys_file: Annotated[
        Path | None, Field(description="file of lines name:sha256 (make key); without it the service is open")
    ] = None
    # Not ONCOLOGY_PORT, which Kubernetes sets to an address wherever a Service is called oncology.
    port: Annotated[int, Field(ge=1, le=65535, description="port to listen on")] = 8080
    server: Annotated[Literal["gunicorn", "granian"], Field(description="what serves; granian is the faster one")] = (
        "gunicorn"
    )
    metrics_port: Annotated[int, Field(ge=0, le=65535, description="port of Prometheus metrics; 0 for none")] = 9090
    host: Annotated[str, Field(description="address to listen on; 0.0.0.0 for all")] = "127.0.0.1"
    proxy_hops: Annotated[
        int, Field(ge=0, le=16, description="proxies in front, whose X-Forwarded-For, -Proto, -Host and -Prefix hold")
    ] = 0
    cors_origins: Annotated[
        str | None,
        AfterValidator(_check_origins),
        Field(description="origins whose pages may call, such as https://clinic.example, separated by commas"),
    ] = None
    max_body_bytes: Annotated[int, Field(ge=1024, description="largest request body")] = MAX_BODY_BYTES
    max_batch_rows: Annotated[int, Field(ge=1, description="most tumours in a batch")] = MAX_BATCH_ROWS
    max_batch_bytes: Annotated[int, Field(ge=1024, description="largest batch, decompressed")] = MAX_BATCH_BYTES
    workers: Annotated[_Count | None, Field(description="processes; one for each CPU of the quota by default")] = None
    threads: Annotated[_Count, Field(description="requests that one process works on at a time")] = 4
    drain_seconds: Annotated[
        int, Field(ge=0, le=3600, description="seconds that it serves on, as not ready, when told to stop")
    ] = 0
    graceful_timeout: Annotated[_Seconds, Field(description="seconds that requests have to end when it stops")] = (
        GRACEFUL_TIMEOUT_SECONDS
    )
    keepalive: Annotated[_Seconds, Field(description="seconds that an idle connection is kept")] = KEEPALIVE_SECONDS

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the service."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - told apart, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def origins(self) -> list[str]:
        """The origins of :attr:`cors_origins`."""
        return _split(self.cors_origins) if self.cors_origins else []

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; an empty variable counts as unset.

        Raises:
            SettingsError: a value is wrong, or a variable of this prefix is none of ours.
        """
        known = {variable(field): field for field in cls.model_fields}
        given = {name: value for name, value in environment.items() if value and _is_ours(name, value)}
        problems = [_unknown(name, known) for name in sorted(given.keys() - known.keys())]
        try:
            settings = cls.model_validate({known[name]: given[name] for name in given.keys() & known.keys()})
        except ValidationError as error:
            problems += [
                f"{variable(str(problem['loc'][0]))} is {problem['input']!r}: {problem['msg']}"
                for problem in error.errors(include_url=False)
            ]
        if problems:
            raise SettingsError("; ".join(problems))
        return settings


def variable(field: str) -> str:
    """The environment variable of a field of :class:`Settings`."""
    return "PORT" if field == "port" else PREFIX + field.upper()


def _is_ours(name: str, value: str) -> bool:
    if name == "PORT":
        return True
    return name.startswith(PREFIX) and not (_SERVICE_LINK.search(name) or _SERVICE_ADDRESS.match(value))


def _unknown(name: str, known: Mapping[str, str]) -> str:
    import difflib  # noqa: PLC0415 - only on the way out

    closest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
    return f"{name} is not a setting (did you mean {closest}?)"


def settings_or_exit() -> Settings:
    """The settings, or the end of the process with one line that says what is wrong with them."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        print(f"oncology: wrong settings: {error}", file=sys.stderr)
        sys.exit(EXIT_WRONG_SETTINGS)
