"""``python -m storage``: what the upload verbs of the Makefile call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from oncology_model import artifact
from oncology_model.artifact import ArtifactError
from storage.artifacts import read_artifact, upload_artifact
from storage.files import StorageError, translated, write


def main(arguments: list[str] | None = None) -> int:
    """Copy as the command line says, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ArtifactError, StorageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _put(options: argparse.Namespace) -> None:
    with translated(options.file):
        content = Path(options.file).read_bytes()
    write(options.url, content)
    print(f"Wrote {options.url}, SHA-256 {artifact.sha256(content)}")


def _put_model(options: argparse.Namespace) -> None:
    print(f"Wrote {upload_artifact(Path(options.directory), options.url)}")


def _get_model(options: argparse.Namespace) -> None:
    found = read_artifact(options.url)
    with translated(options.directory):
        digest = artifact.write(Path(options.directory), found.model, found.manifest)
    print(f"Wrote {options.directory}, version {found.manifest.model_version}, digest {digest}")


def _parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m storage", description="Copy files and artifacts to and from S3.")
    commands = options.add_subparsers(required=True)
    for name, run, meaning, places in (
        ("put", _put, "copy a file, in place of what is there", ("file", "url")),
        (
            "put-model",
            _put_model,
            "copy an artifact to a new folder of its version",
            ("directory", "url"),
        ),
        ("get-model", _get_model, "copy an artifact here and verify it", ("url", "directory")),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        for place in places:
            command.add_argument(place)
        command.set_defaults(run=run)
    return options


if __name__ == "__main__":
    sys.exit(main())
