"""The report's ROC and precision-recall curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from pages.plots import INK, SERIES, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from trainer.dataset import Dataset
    from trainer.evaluation import Predictions

    Curve = Callable[[NDArray[np.intp], NDArray[np.float64]], tuple[Any, ...]]

_LINES: Final = ("-", "--")
_MARKERS: Final = ("o", "s")


class AtThreshold(NamedTuple):
    """Shares at the threshold, means over the repeats."""

    false_alarms: float
    sensitivity: float
    precision: float


def at_threshold(data: Dataset, predictions: Predictions) -> AtThreshold:
    """Where on its curves an evaluation's threshold is."""
    called = predictions.malignant
    truth = np.broadcast_to(data.y[predictions.rows] == 1, called.shape)
    return AtThreshold(float(called[~truth].mean()), float(called[truth].mean()), float(truth[called].mean()))


def roc(data: Dataset, evaluations: Mapping[str, Predictions]) -> Markup:
    """The ROC curves, one for each repeat, with the point at the threshold."""
    points = {name: at_threshold(data, predictions) for name, predictions in evaluations.items()}
    told = "; ".join(
        f"{name}: {point.sensitivity:.1%} sensitivity with {point.false_alarms:.1%} false alarms"
        for name, point in points.items()
    )

    def plot(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="false alarms, share of benign samples", ylabel="sensitivity")
        corner = axes.inset_axes((0.38, 0.28, 0.6, 0.55), xlim=(-0.005, 0.15), ylim=(0.85, 1.005))
        for each in (axes, corner):
            _curves(each, data, evaluations, lambda y, probability: roc_curve(y, probability)[:2])
            _points(each, [(point.false_alarms, point.sensitivity) for point in points.values()])
        axes.legend(loc="lower right")

    return draw("roc", f"ROC curves, close to the upper left corner. At the threshold, {told}.", plot)


def precision_recall(data: Dataset, evaluations: Mapping[str, Predictions]) -> Markup:
    """The precision-recall curves, one for each repeat, with the point at the threshold."""
    points = {name: at_threshold(data, predictions) for name, predictions in evaluations.items()}
    told = "; ".join(
        f"{name}: {point.precision:.1%} precision with {point.sensitivity:.1%} sensitivity"
        for name, point in points.items()
    )

    def plot(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="sensitivity (recall)", ylabel="precision", ylim=(0, 1.05))
        corner = axes.inset_axes((0.15, 0.28, 0.6, 0.55), xlim=(0.85, 1.005), ylim=(0.7, 1.01))
        for each in (axes, corner):
            _curves(each, data, evaluations, lambda y, probability: precision_recall_curve(y, probability)[1::-1])
            _points(each, [(point.sensitivity, point.precision) for point in points.values()])
        axes.legend(loc="lower left")

    return draw("precision-recall", f"Precision-recall curves. At the threshold, {told}.", plot)


def _curves(axes: Axes, data: Dataset, evaluations: Mapping[str, Predictions], curve: Curve) -> None:
    for (name, predictions), color, line in zip(evaluations.items(), SERIES, _LINES, strict=False):
        for repeat, probability in enumerate(predictions.probability):
            x, y = curve(data.y[predictions.rows], probability)
            axes.plot(x, y, line, color=color, linewidth=1.3, label="_" if repeat else name)
    axes.grid(alpha=0.25)


def _points(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    for point, color, marker in zip(points, SERIES, _MARKERS, strict=False):
        axes.plot(*point, marker, color=color, markeredgecolor=INK, markersize=7)
