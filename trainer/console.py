"""What a person sees while the trainer works, and at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncology_model.manifest import Manifest

# Results go to the standard output, everything else to the standard error.
results = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)


def progress() -> Progress:
    """A progress bar with the time that is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=messages)


def show_candidates(candidates: list[dict[str, Any]]) -> None:
    """Tell the candidates and which was chosen."""
    table = Table("candidate", "log loss", "± one standard error", "", title="Candidates, on all samples")
    for score in candidates:
        row = (score["name"], f"{score['log_loss']:.4f}", f"{score['standard_error']:.4f}")
        table.add_row(*row, "chosen" if score["chosen"] else "", style="bold" if score["chosen"] else "")
    results.print(table)


def show_figures(metrics: Mapping[str, Any]) -> None:
    """Tell the figures of the nested and of the temporal evaluation."""
    table = Table("figure", "nested, by patient", "95 %", "in order of arrival", "95 %", title="The whole procedure")
    for name, nested in metrics["nested"].items():
        if isinstance(nested, dict) and "value" in nested:
            table.add_row(name.replace("_", " "), *_cells(nested), *_cells(metrics["temporal"][name]))
    results.print(table)


def _cells(figure: Mapping[str, float | None]) -> tuple[str, str]:
    value, low, high = ("none" if figure[key] is None else f"{figure[key]:.4f}" for key in ("value", "low", "high"))
    return value, f"{low} to {high}"


def show_product(manifest: Manifest, not_additive: str | None) -> None:
    """Tell what is shipped, and what a reader of the scorecard should know of it."""
    results.print(f"Chosen: {manifest.metrics['chosen']}; malignant from a probability of {manifest.threshold:g} on.")
    if manifest.scorecard is None:
        results.print(f"No scorecard, so that it is served through scikit-learn: {not_additive}.")
        return
    falls = manifest.scorecard.falls()
    if not falls:
        results.print("Its scorecard is monotone: no higher grade lowers the probability of malignancy.")
    for fall in falls:
        messages.print(f"warning: the scorecard is not monotone. {fall}", style="yellow")
