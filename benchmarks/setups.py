"""``python -m benchmarks.setups``: this service behind gunicorn and granian in the ways in which they can be set up."""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks import environments
from benchmarks.contest import BUILD
from benchmarks.load import LoadError, saturate, take_a_core
from benchmarks.measuring import body_of
from benchmarks.peers import PEERS, REPOSITORY, service
from benchmarks.report import markdown_table
from benchmarks.servers import ServerError, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load import Load
    from benchmarks.peers import Launch, Peer

# What other workers and the parser in C need; no part of the service.
_EXTRA: Final = ("gevent==26.9.0", "gunicorn_h1c==0.6.10", "packaging==26.3", "tornado==6.6.1")

_OUTPUT: Final = REPOSITORY / "benchmarks" / "setups.md"


def _gunicorn(title: str, *flags: str, **settings: str) -> Peer:
    def command(launch: Launch) -> list[str]:
        return [str(launch.binaries / "gunicorn"), "--config", "python:webservice.gunicorn_conf", *flags]

    return _with(service(f"gunicorn {title}", f"gunicorn, {title}", "gunicorn", command), settings)


def _granian(title: str, **settings: str) -> Peer:
    return _with(service(f"granian {title}", f"granian, {title}", "granian"), settings)


def _with(peer: Peer, settings: dict[str, str]) -> Peer:
    return replace(peer, environment=lambda launch: peer.environment(launch) | settings, extra=_EXTRA)


_GTHREAD: Final = ("--worker-class", "gthread")

SETUPS: Final = (
    _gunicorn("as shipped"),
    _gunicorn("as shipped, parser in C", "--http-parser", "fast"),
    _gunicorn("as shipped, reuse port", "--reuse-port"),
    *(
        _gunicorn(f"gthread, {threads} threads", *_GTHREAD, ONCOLOGY_THREADS=str(threads))
        for threads in (1, 2, 4, 8, 32)
    ),
    _gunicorn("gthread, no keep-alive", *_GTHREAD, "--keep-alive", "0"),
    _gunicorn("gevent", "--worker-class", "gevent"),
    _gunicorn("tornado", "--worker-class", "tornado"),
    _granian("as shipped"),
    *(_granian(f"{threads} threads", ONCOLOGY_THREADS=str(threads)) for threads in (1, 2, 8, 16)),
    next(peer for peer in PEERS if peer.name == "fastapi_classifier"),
)


def main() -> int:
    """Measure all in turns, one load each, and write the table."""
    options = _parser().parse_args()
    core = take_a_core()
    loads: dict[str, list[Load]] = {setup.title: [] for setup in SETUPS}
    errors: dict[str, str] = {}
    for number in range(options.rounds):
        for setup in SETUPS:
            print(f"round {number + 1} of {options.rounds}: {setup.title}", file=sys.stderr, flush=True)
            try:
                loads[setup.title].append(_measure(setup, options.seconds, core))
            except (ServerError, LoadError) as error:
                errors[setup.title] = str(error).splitlines()[0]
    table = markdown_table([["set-up", "requests/s", "p50 (ms)", "p99 (ms)"], *map(_row, loads.items())])
    said = "".join(f"\n{title}: {error}\n" for title, error in errors.items())
    _OUTPUT.write_text(_INTRODUCTION.format(rounds=options.rounds, seconds=options.seconds) + table + "\n" + said)
    print(_OUTPUT.read_text())
    return 0


_INTRODUCTION: Final = """\
# How this service's servers can be set up

By `make bench.setups`: one worker on one core, the load on the other, one tumour a request over 16 kept-alive
connections; medians of {rounds} rounds of {seconds:g} s, the set-ups taking turns. Only ratios within this table mean
something.

"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.setups", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load, after a warm-up of half of that")
    return parser


def _measure(setup: Peer, seconds: float, core: int) -> Load:
    binaries = environments.install(setup, BUILD)
    artifact = REPOSITORY / "oncology_model" / "model"
    with running(setup, binaries, artifact, core) as server:
        body = body_of(binaries, setup.single, 1)
        url = server.url + setup.single.path
        saturate(url, body, seconds / 2)
        return saturate(url, body, seconds)


def _row(found: tuple[str, Sequence[Load]]) -> list[str]:
    title, loads = found
    if not loads:
        return [title, "failed", "", ""]
    figures = (
        statistics.median(load.requests_per_second for load in loads),
        statistics.median(load.p50_ms for load in loads),
        statistics.median(load.p99_ms for load in loads),
    )
    return [title, *map(format, figures, (",.0f", ".2f", ".2f"))]


if __name__ == "__main__":
    sys.exit(main())
