"""``oncology verify``: may this artifact be used, and does its scorecard say what its estimator says?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oncology_model import artifact
from oncology_model.commands.shared import add_command, print_json, print_table
from oncology_model.derivation import DRAWN_TUMORS, NotAdditiveError, prove
from oncology_model.estimator import EstimatorScorer
from oncology_model.grades import draw

if TYPE_CHECKING:
    import argparse

    from oncology_model.artifact import Artifact
    from oncology_model.commands.shared import Commands


def add_to(commands: Commands) -> None:
    """Add this command."""
    purpose = (
        "Check an artifact: its digests, that scikit-learn can build its estimator (which runs what is in it, after "
        "its digest was checked), and that its scorecard gives the same probabilities."
    )
    command = add_command(commands, "verify", purpose, run)
    command.add_argument("directory", type=Path, metavar="DIR", help="folder of the artifact")
    command.add_argument(
        "--digest", help="SHA-256 that manifest.json must have (default: ONCOLOGY_MODEL_DIGEST, else any)"
    )


def run(options: argparse.Namespace) -> None:
    """Check, and tell what was found."""
    expected = options.digest or artifact.expected_digest()
    found = artifact.read(options.directory, expected)
    difference = _compare(found)
    if options.json:
        print_json(
            {
                "model_version": found.manifest.model_version,
                "digest": found.digest,
                "digest_expected": expected is not None,
                "scorecard": found.manifest.scorecard is not None,
                "largest_difference": difference,
            }
        )
        return
    trust = "as expected" if expected else "no other was asked for; see --digest"
    agreement = (
        "none: it is served through scikit-learn"
        if difference is None
        else f"as the estimator, within {difference:.1g} in probability on {DRAWN_TUMORS} drawn tumours"
    )
    print_table(
        [
            ("version", found.manifest.model_version),
            ("digest", f"{found.digest} ({trust})"),
            ("estimator", "built, and predicts"),
            ("scorecard", agreement),
        ]
    )


def _compare(found: Artifact) -> float | None:
    """The largest difference between scorecard and estimator; None without a scorecard."""
    scorer = EstimatorScorer.load(found)
    nobody = draw(0, seed=0)
    manifest = found.manifest
    try:
        if manifest.scorecard is None:
            scorer.probabilities(draw(1, seed=0))
            return None
        return prove(manifest.scorecard, scorer, manifest.threshold, nobody)
    except NotAdditiveError as error:
        raise artifact.ArtifactError(
            f"{found.directory} contradicts itself, {error}: do not use it; train again"
        ) from error
    except Exception as error:  # an estimator may raise anything
        raise artifact.ArtifactError(
            f"the estimator in {found.directory} cannot predict ({type(error).__name__}): train again"
        ) from error
