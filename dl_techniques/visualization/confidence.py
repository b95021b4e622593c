"""How sure a model is when it is right and when it is wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _confidence_counts as counts
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._confidence_curves import (
    accuracy_coverage_figure,
    confidence_roc_figure,
)
from dl_techniques.visualization._confidence_models import (
    agreement_figure,
    distance_matrix_figure,
)
from dl_techniques.visualization._text import escape, numbers
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

__all__ = [
    "accuracy_coverage_figure",
    "agreement_figure",
    "class_probability_figure",
    "confidence_histogram_figure",
    "confidence_roc_figure",
    "distance_matrix_figure",
    "entropy_figure",
    "margin_figure",
]
_MOST_CLASSES = 30


def confidence_histogram_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the counts of confidence, right answers below and wrong ones on top.

    Args:
        result: `ConfidenceStats` with labels, or stored counts with `edges`, `right`
            and `wrong`; None draws nothing yet.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    heading = title or "Confidence of right and wrong answers"
    look: dict[str, Any] = {"theme": theme, "height": height}
    measured = counts.of(result, "max_probability", (0.0, 1.0))
    return counts.figure(heading, "confidence", measured, result, look)


def entropy_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the counts of entropy in nats, of right and wrong answers.

    Args:
        result: `ConfidenceStats`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    heading = title or "Entropy of the predictions"
    look: dict[str, Any] = {"theme": theme, "height": height}
    measured = counts.of(result, "entropy", (0.0, None))
    return counts.figure(heading, "entropy (nats)", measured, result, look)


def margin_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the counts of the distance between the two likeliest classes.

    Args:
        result: `ConfidenceStats`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    heading = title or "Margin between the two likeliest classes"
    look: dict[str, Any] = {"theme": theme, "height": height}
    measured = counts.of(result, "margin", (0.0, 1.0))
    return counts.figure(heading, "margin (probability)", measured, result, look)


def class_probability_figure(
    sample: Any,
    class_names: Sequence[str] | None = None,
    *,
    label: int | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the probability a model gives each class for one sample.

    Args:
        sample: `(classes,)` probabilities.
        class_names: Names of the classes.
        label: The true class, drawn hatched.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    p = np.ravel(np.asarray(sample, float))
    names = [str(n) for n in class_names or [f"class {i}" for i in range(len(p))]]
    order = np.arange(len(p))
    if len(p) > _MOST_CLASSES:
        top = np.argsort(-np.nan_to_num(p, nan=-1), kind="stable")[:_MOST_CLASSES]
        order = np.sort(top)
    note = f"the {_MOST_CLASSES} likeliest of {len(p)} classes"
    canvas = Canvas(
        title or "Probability of each class",
        theme=theme,
        height=height,
        x="probability",
        y="class",
        notes=(note,) if len(order) < len(p) else (),
    )
    if not np.isfinite(p).any():
        return canvas.empty("No prediction yet.")
    canvas.body = max(160, 20 * len(order))
    true = [i == label for i in order]
    canvas.add(
        "bar",
        x=numbers(p[order]),
        y=list(range(len(order))),
        orientation="h",
        marker={
            "color": [PALETTE[2] if t else PALETTE[0] for t in true],
            "pattern": {"shape": ["/" if t else "" for t in true]},
        },
        customdata=[
            escape(names[i]) + (" (true)" if i == label else "") for i in order
        ],
        hovertemplate="%{customdata}: %{x:.4g}<extra></extra>",
        name="probability",
        uid="probability",
    )
    labels = [names[i] + (" ✓" if i == label else "") for i in order]
    canvas.ticks(labels, axis="yaxis")
    canvas.y(range=[len(order) - 0.4, -0.6], showgrid=False)
    return canvas.x(range=[0, 1]).figure()
