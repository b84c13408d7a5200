"""``oncology model``: what is this model?"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from oncology_model import artifact
from oncology_model.classifier import BUNDLED_MODEL
from oncology_model.commands.shared import add_command, add_model_option, print_table
from oncology_model.grades import CODES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from oncology_model.artifact import Artifact
    from oncology_model.commands.shared import Commands
    from oncology_model.model_card import ModelCard
    from oncology_model.scorecard import Scorecard


def add_to(commands: Commands) -> None:
    """Add this command."""
    command = add_command(commands, "model", "Tell what the model is; with --json its manifest.", run)
    command.add_argument("--card", action="store_true", help="print its model card, as Markdown")
    add_model_option(command)


def run(options: argparse.Namespace) -> None:
    """Tell what the manifest says."""
    found = artifact.read(options.model or BUNDLED_MODEL, artifact.expected_digest())
    manifest = found.manifest
    if options.json:
        print(manifest.to_json(), end="")
        return
    if options.card:
        print(_card(found).to_markdown(), end="")
        return
    print_table(
        [
            ("version", manifest.model_version),
            ("digest", found.digest),
            ("chosen", manifest.metrics.get("chosen", "not told")),
            ("threshold", f"malignant from a probability of {manifest.threshold:g} on"),
            ("training data", f"{_rows(manifest.training_distribution)} samples, SHA-256 {manifest.data_sha256}"),
            ("made by", ", ".join(f"{name} {version}" for name, version in manifest.versions.items())),
        ]
    )
    if manifest.model_card:
        _show_essentials(manifest.model_card)
    if nested := manifest.metrics.get("nested"):
        print("\nOn patients that it had not seen, with 95 % intervals:")
        _show_figures(nested)
    if manifest.scorecard:
        print("\nScorecard: the log-odds that each grade adds; ? is not measured.")
        _show_scorecard(manifest.scorecard)


def _card(found: Artifact) -> ModelCard:
    if found.manifest.model_card is None:
        raise artifact.ArtifactError(f"{found.directory} has no model card: train again")
    return found.manifest.model_card


def _show_essentials(card: ModelCard) -> None:
    for title, statements in (("Meant for", card.intended_use), ("Not for", card.out_of_scope)):
        print(f"\n{title}:")
        for statement in statements:
            print(textwrap.fill(statement, 100, initial_indent="- ", subsequent_indent="  "))
    print("\nWhat else to know of it is in its model card: oncology model --card")


def _rows(distribution: Mapping[str, list[int]]) -> int:
    return sum(next(iter(distribution.values())))


def _show_figures(nested: Mapping[str, Any]) -> None:
    print_table(
        [
            (name.replace("_", " "), *(f"{figure[key]:.4f}" for key in ("value", "low", "high")))
            for name, figure in nested.items()
            if isinstance(figure, dict) and figure.get("value") is not None
        ]
    )


def _show_scorecard(scorecard: Scorecard) -> None:
    header = ("intercept", f"{scorecard.intercept:+.2f}", *[""] * (CODES - 1))
    grades = ("grade", "?", *map(str, range(1, CODES)))
    rows = [
        (feature.replace("_", " "), *("" if entry is None else f"{entry:+.2f}" for entry in table))
        for feature, table in scorecard.tables.items()
    ]
    print_table([grades, header, *rows], right=frozenset(range(1, CODES + 1)))
