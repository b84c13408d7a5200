"""The command line ``oncology``: one command a module, each with ``add_to(commands)`` and a ``run(options)``."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from oncology_model import __version__
from oncology_model.artifact import ArtifactError
from oncology_model.classifier import NoExplanationError
from oncology_model.commands import model, predict, score, verify
from oncology_model.datamodel import field_errors
from oncology_model.scoring.errors import ScoringError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE: Final = 0
ARTIFACT_REFUSED: Final = 1
WRONG_USE: Final = 2  # argparse's own status
UNUSABLE: Final = 4  # score.REJECTS is 3
STOPPED: Final = 130  # a shell's own status for Ctrl-C

_EPILOG: Final = """\
environment: ONCOLOGY_MODEL_DIGEST is the SHA-256 that the artifact's manifest.json must have.
exit status: 0 done; 1 the artifact must not be used; 2 wrong options or measurements; 3 scored, and rows were rejected;
4 files, or the cluster, could not be used, and what is there is complete.
For research and teaching: this is not a medical device.
"""


def parser() -> argparse.ArgumentParser:
    """What ``oncology`` understands."""
    options = argparse.ArgumentParser(
        prog="oncology",
        description="Tell whether a breast tumour is benign or malignant, from nine cytology grades.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    options.add_argument("--version", action="version", version=f"oncology-model {__version__}")
    commands = options.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (predict, score, model, verify):
        command.add_to(commands)
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status."""
    options = parser().parse_args(arguments)
    try:
        status: int | None = options.run(options)
        sys.stdout.flush()
    except (ArtifactError, NoExplanationError) as error:
        return _fail(str(error), ARTIFACT_REFUSED)
    except ValidationError as error:
        wrong = "; ".join(f"{field} {what}" for field, what in field_errors(error).items())
        return _fail(f"these are not the grades of a tumour: {wrong}", WRONG_USE)
    except ScoringError as error:
        return _fail(str(error), UNUSABLE)
    except BrokenPipeError:  # such as `| head`; nothing more can be written, not even by Python at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return STOPPED
    else:
        return status or DONE


def _fail(message: str, status: int) -> int:
    print(f"oncology: {message}", file=sys.stderr)
    return status
