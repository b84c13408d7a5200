"""Starts the service: the settings are checked, then a server is run."""

from __future__ import annotations

import argparse
import importlib.util
import os
import socket
import sys
from typing import Any, Final

from gunicorn.app.base import Application

from webservice import sagemaker
from webservice.settings import EXIT_WRONG_SETTINGS, Settings, settings_or_exit, variable

EXIT_NO_ADDRESS: Final = 1


class Gunicorn(Application):  # type: ignore[misc]
    """gunicorn with the configuration of this package alone."""

    def load_config(self) -> None:
        """Read it."""
        self.load_config_from_module_name_or_filename("python:webservice.gunicorn_conf")

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Load the application, or end the process with one line."""
        from webservice.wsgi import app  # noqa: PLC0415 - loads the model

        return app


def main() -> None:
    """Check the settings and the address, then serve until a signal comes."""
    if _parser().parse_args().command == sagemaker.SERVE:
        sagemaker.adopt(os.environ)
    settings = settings_or_exit()
    _check_address(settings.host, settings.port, "PORT")
    # Prometheus itself has the port 9090: only where somebody chose one must it be that one.
    if "metrics_port" in settings.model_fields_set and settings.metrics_port:
        _check_address(settings.host, settings.metrics_port, variable("metrics_port"))
    if settings.server == "granian":
        _check_granian()
        from webservice import granian_server  # noqa: PLC0415 - loads the model, and a server that may not be wanted

        granian_server.serve(settings)
    else:
        Gunicorn().run()


def _parser() -> argparse.ArgumentParser:
    lines = [
        f"  {variable(name):26} {field.description}{'' if field.default is None else f' (default {field.default})'}"
        for name, field in Settings.model_fields.items()
    ]
    parser = argparse.ArgumentParser(
        prog="python -m webservice",
        description="Serve predictions over HTTP.",
        epilog="settings, from the environment:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", nargs="?", choices=[sagemaker.SERVE], help="serve as Amazon SageMaker asks a container to"
    )
    return parser


def _check_granian() -> None:
    # Images have it only where they were told to: it is a fifth of their size.
    if not importlib.util.find_spec("granian"):
        problem = f"{variable('server')} is granian, which is not installed: `make images WITH_GRANIAN=1` adds it"
        print(f"oncology: wrong settings: {problem}", file=sys.stderr)
        sys.exit(EXIT_WRONG_SETTINGS)


def _check_address(host: str, port: int, name: str) -> None:
    # gunicorn would try five times and write eleven lines.
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        print(f"oncology: cannot listen on {host} port {port} ({error.strerror}): set another {name}", file=sys.stderr)
        sys.exit(EXIT_NO_ADDRESS)
