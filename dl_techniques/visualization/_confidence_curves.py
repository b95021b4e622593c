"""Confidence as a way to reject answers."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._curves import roc_points, thinned
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import escape, numbers, shorten, shown, uid
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme


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


def _array(values: Any) -> Any:
    return np.asarray([np.nan if v is None else v for v in values], float)
