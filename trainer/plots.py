"""The report's plots: what tells two things apart is never their colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from pages.plots import INK, SERIES, draw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trainer.dataset import Dataset
    from trainer.details import Bin, Share, Step
    from trainer.evaluation import Predictions

_HATCHES: Final = ("////", "....")
_MARKERS: Final = ("o", "s")

# Where a person expects the marks of a scale that is even in log-odds.
_MARKS: Final = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_LOG_ODDS_BINS: Final = np.linspace(-8, 8, 33)


def calibration(bins: Sequence[Bin]) -> Markup:
    """How many samples of about the same probability were malignant."""
    told = "; ".join(f"{each.mean:.2f}: {each.malignant.value:.2f} of {each.malignant.of}" for each in bins)

    def plot(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="mean probability of malignancy", ylabel="share that was malignant")
        axes.plot([0, 1], [0, 1], ":", color=INK, label="as it should be")
        _with_intervals(axes, [each.mean for each in bins], [each.malignant for each in bins], 0, "found")
        axes.legend(loc="upper left")

    return draw("calibration", f"Share of malignant samples by mean probability: {told}.", plot)


def histogram(data: Dataset, predictions: Predictions, threshold: float) -> Markup:
    """How the probabilities of each class spread, on a scale that is even in log-odds."""
    probability, y = predictions.probability.mean(axis=0), data.y[predictions.rows]
    classes = {"benign": probability[y == 0], "malignant": probability[y == 1]}
    told = "; ".join(f"{name}: {(found >= threshold).mean():.1%} from it on" for name, found in classes.items())

    def plot(figure: Figure) -> None:
        edges = (1 / (1 + np.exp(-_LOG_ODDS_BINS))).tolist()
        axes = figure.add_subplot(xlabel="probability of malignancy", ylabel="samples", xscale="logit")
        for (name, found), color, hatch in zip(classes.items(), SERIES, _HATCHES, strict=False):
            style: dict[str, Any] = {"facecolor": "none", "edgecolor": color, "linewidth": 1.3, "hatch": hatch}
            axes.hist(np.clip(found, edges[0], edges[-1]), edges, histtype="stepfilled", label=name, **style)
        axes.axvline(threshold, color=INK, linestyle="--", label=f"threshold, {threshold:.3g}")
        axes.set_xticks(_MARKS)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda mark, _: f"{mark:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.legend()

    return draw("histogram", f"Histogram of the probabilities by class, with the threshold. {told}.", plot)


def temporal(steps: Sequence[Step]) -> Markup:
    """Sensitivity and specificity of each group of arrival."""

    def plot(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="group of arrival", xticks=[step.group for step in steps], ylim=(0, 1.05))
        for number, name in enumerate(("sensitivity", "specificity")):
            found = {step.group + 0.2 * number - 0.1: share for step in steps if (share := getattr(step, name))}
            _with_intervals(axes, list(found), list(found.values()), number, name)
        axes.grid(axis="y", alpha=0.25)
        axes.legend(loc="lower right")

    return draw("temporal", "Sensitivity and specificity by group of arrival; the table has the figures", plot)


def _with_intervals(axes: Axes, x: Sequence[float], shares: Sequence[Share], number: int, label: str) -> None:
    value = np.array([share.value for share in shares])
    low, high = np.array([share.interval for share in shares]).T
    style: dict[str, Any] = {"color": SERIES[number], "marker": _MARKERS[number], "linestyle": "none", "capsize": 3}
    axes.errorbar(x, value, yerr=np.maximum([value - low, high - value], 0), label=label, **style)


def candidates(scores: Sequence[Mapping[str, Any]]) -> Markup:
    """The log loss of each candidate, with one standard error, and what is about as good as the best."""
    best = min(scores, key=lambda score: score["log_loss"])
    told = "; ".join(f"{score['name']}: {score['log_loss']:.4f}" for score in scores)

    def plot(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="log loss: lower is better", yticks=[], ylim=(len(scores) - 0.6, -0.8))
        axes.spines.left.set_visible(False)
        for row, score in enumerate(scores):
            style: dict[str, Any] = {"color": SERIES[0], "marker": "D" if score["chosen"] else "o", "capsize": 3}
            axes.errorbar(score["log_loss"], row, xerr=score["standard_error"], **style)
            name = f"{score['name']}, chosen" if score["chosen"] else score["name"]
            axes.text(0, row - 0.3, name, transform=axes.get_yaxis_transform())
        # In pieces, so that it crosses no name.
        limit, rows = best["log_loss"] + best["standard_error"], np.arange(len(scores))
        axes.vlines([limit] * len(scores), rows - 0.22, rows + 0.22, color=INK, linestyle=":")

    return draw("candidates", f"Log loss of each candidate, with one standard error: {told}.", plot)
