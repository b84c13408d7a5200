"""``oncology score``: tumours in files, however many."""

from __future__ import annotations

import argparse
import os
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from oncology_model import artifact
from oncology_model.classifier import BUNDLED_MODEL, Classifier
from oncology_model.commands.shared import add_command, add_model_option, print_json, print_table
from oncology_model.scoring.errors import MissingExtraError

if TYPE_CHECKING:
    from oncology_model.commands.shared import Commands
    from oncology_model.scoring.part import Counts
    from oncology_model.scoring.plan import Plan

REJECTS: Final = 3
"""The exit status where everything was scored but for the rejects."""

_EXTRA: Final = ("distributed", "fsspec", "pyarrow", "rich")

_EPILOG: Final = """\
CSV is named .csv, .csv.gz or .csv.zst, has a header row, and stays as it is byte for byte, the new cells at the end of
each row; bare_nuclei is empty or ? where not measured. Parquet is named .parquet, and has grades as numbers. A row that
is no tumour goes to the rejects, with the reason. Each file is complete or not there; of several files, those that an
earlier run completed are not scored again. The exit status is 3 where rows were rejected. S3 needs the package s3fs,
and a cluster needs storage that all of its workers reach by the same name.
"""


def add_to(commands: Commands) -> None:
    """Add this command."""
    purpose = "Score tumours in CSV or Parquet files of any size, adding prediction and probability."
    command = add_command(commands, "score", purpose, run)
    command.epilog = _EPILOG
    command.add_argument("input", help="a file, a folder or a glob; path or URL, such as s3://bucket/folder")
    command.add_argument("output", help="a file for a file, else a folder; path or URL")
    command.add_argument("--rejects", metavar="PATH", help="file or folder of the rejects (default: beside the output)")
    command.add_argument("--explain", action="store_true", help="also add what each measurement contributes")
    command.add_argument(
        "--jobs",
        type=_jobs,
        default=len(os.sched_getaffinity(0)),
        metavar="N",
        help="threads on this machine; the result does not depend on it (default: %(default)s)",
    )
    command.add_argument("--scheduler", metavar="URL", help="of a Dask cluster that scores the files, tcp://host:8786")
    add_model_option(command)


def _jobs(text: str) -> int:
    if (jobs := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return jobs


def run(options: argparse.Namespace) -> int:
    """Score, tell the counts, and return whether there were rejects."""
    _need_extra()
    from oncology_model.scoring.plan import plan  # noqa: PLC0415 - needs the extra

    started = time.monotonic()
    classifier = Classifier(options.model)
    classifier.assess_many([[1] * 9], explain=options.explain)  # a model without reasons says so before the work
    mark = {"model_digest": classifier.digest, "explain": options.explain}
    planned = plan(options.input, options.output, options.rejects, mark)
    counts = _score(planned, classifier, options)
    _tell(planned, counts, time.monotonic() - started, as_json=options.json)
    return REJECTS if counts.rejected or planned.done_with_rejects else 0


def _need_extra() -> None:
    if missing := [package for package in _EXTRA if find_spec(package) is None]:
        raise MissingExtraError(
            f"score needs {', '.join(missing)}, which the extra has: pip install 'oncology-model[scale]'"
        )


def _score(planned: Plan, classifier: Classifier, options: argparse.Namespace) -> Counts:
    from oncology_model.scoring import local, remote  # noqa: PLC0415 - need the extra
    from oncology_model.scoring.progress import progress  # noqa: PLC0415

    with progress(sum(part.size for part in planned.parts)) as advance:
        if options.scheduler:
            found = artifact.read(options.model or BUNDLED_MODEL, classifier.digest)
            return remote.score_parts(
                planned.parts, found, explain=options.explain, scheduler=options.scheduler, advance=advance
            )
        return local.score_parts(planned.parts, classifier, explain=options.explain, jobs=options.jobs, advance=advance)


def _tell(planned: Plan, counts: Counts, seconds: float, *, as_json: bool) -> None:
    has_rejects = bool(counts.rejected or planned.done_with_rejects)
    if as_json:
        print_json(
            {
                "rows": counts.rows,
                "rejected": counts.rejected,
                "rejects": planned.rejects if has_rejects else None,
                "files": len(planned.parts),
                "files_done_before": planned.done,
                "files_done_before_with_rejects": planned.done_with_rejects,
                "files_left_out": planned.left_out,
                "seconds": seconds,
            }
        )
        return
    see = f": see {planned.rejects.removeprefix('file://')}" if has_rejects else ""
    lines = [
        ("rows", f"{counts.rows:,} in {seconds:,.1f} s, {counts.rows / seconds:,.0f} a second"),
        ("rejected", f"{counts.rejected:,}{see}"),
        ("files", f"{len(planned.parts):,} scored"),
    ]
    if planned.done:
        lines.append(("", f"{planned.done:,} were there already, {planned.done_with_rejects:,} of them with rejects"))
    if planned.left_out:
        lines.append(("", f"{planned.left_out:,} left out, being named neither CSV nor Parquet"))
    print_table(lines)
