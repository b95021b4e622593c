"""How sure a model is when it is right and when it is wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _confidence_counts as counts
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._confidence_models import (
    agreement_figure,
    distance_matrix_figure,
)
from dl_techniques.visualization._curves import roc_points, thinned
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import escape, numbers, shorten, shown, uid
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import PALETTE, ColorMap
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


def accuracy_coverage_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the accuracy of the most confident rows against the share kept.

    Args:
        result: `AccuracyCoverage`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "AccuracyCoverage", "coverage", "accuracy", "aurc")
    known = {n: c for n, c in found.items() if np.isfinite(_array(c.accuracy)).any()}
    heading = title or "Accuracy when the least confident are rejected"
    if title is None and len(known) == 1:
        heading += f", AURC {shown(next(iter(known.values())).aurc, 3)}"
    canvas = Canvas(
        heading,
        theme=theme,
        height=height,
        x="coverage (share of rows answered)",
        y="accuracy of the answered rows",
        notes=flag_notes(found),
        revision="coverage",
    )
    if not known:
        return canvas.empty(reason(found, "No labelled predictions yet."))
    palette = colors or ColorMap.for_names(found)
    for name, curve in known.items():
        x, y = thinned(_array(curve.coverage), _array(curve.accuracy))
        n = len(curve.coverage)
        label = shorten(name) or "model"
        canvas.add(
            "scatter",
            x=numbers(x),
            y=numbers(y),
            uid=uid("coverage", name),
            name=f"{label}, AURC {shown(curve.aurc, 3)}",
            mode="lines" if n > 1 else "markers",
            line={"color": palette.color(name), "dash": palette.dash(name), "width": 2},
            customdata=[round(float(v) * n) if v == v else None for v in x],
            hovertemplate=f"{escape(name)}<br>%{{x:.4g}} answered, accuracy %{{y:.4g}}"
            "<br>%{customdata} rows<extra></extra>",
        )
    return canvas.x(range=[0, 1.01]).figure()


def confidence_roc_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws how well confidence tells right answers from wrong ones.

    Args:
        result: `ConfidenceStats` with labels, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "ConfidenceStats", "max_probability", "correct")
    canvas = Canvas(
        title or "Does confidence tell right from wrong?",
        theme=theme,
        height=height,
        x="share of wrong answers above the threshold",
        y="share of right answers above it",
        notes=flag_notes(found),
    )
    palette = colors or ColorMap.for_names(found)
    for name, stats in found.items():
        if stats.correct is None:
            continue
        score, right = _array(stats.max_probability), np.asarray(stats.correct, bool)
        points = roc_points(score, right)
        if points is None:
            continue
        label = shorten(name) or "model"
        canvas.add(
            "scatter",
            x=numbers(points.x),
            y=numbers(points.y),
            mode="lines",
            name=f"{label}, area {shown(points.area, 3)}",
            line={"color": palette.color(name), "dash": palette.dash(name), "width": 2},
            customdata=numbers(points.threshold),
            hovertemplate=f"{escape(name)}<br>confidence ≥ %{{customdata:.4g}}<br>"
            "%{y:.4g} of the right, %{x:.4g} of the wrong<extra></extra>",
            uid=uid("roc", name),
        )
    if not canvas.traces:
        why = "Needs labelled predictions with right and wrong answers."
        return canvas.empty(reason(found, why))
    canvas.rule(x0=0, y0=0, x1=1, y1=1).x(range=[0, 1]).y(range=[0, 1.01])
    canvas.legend = True
    return canvas.figure()


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


def _array(values: Any) -> Any:
    return np.asarray([np.nan if v is None else v for v in values], float)
