"""Confidence against what came true."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _calibration_bins as bins
from dl_techniques.visualization._calibration_scores import (
    brier_decomposition_figure,
    classwise_calibration_figure,
)
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._quantile_calibration import (
    quantile_calibration_figure,
)
from dl_techniques.visualization._temperature import temperature_figure
from dl_techniques.visualization._text import distinct, shorten, shown, uid
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

__all__ = [
    "brier_decomposition_figure",
    "calibration_comparison_figure",
    "classwise_calibration_figure",
    "quantile_calibration_figure",
    "reliability_figure",
    "temperature_diagrams_figure",
    "temperature_figure",
]
_OVERLAID = 4


def reliability_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    show_counts: bool = True,
    show_band: bool = True,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws accuracy at mean confidence, the diagonal, and the rows of each bin.

    Args:
        result: A `ReliabilityDiagram`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        show_counts: Whether a histogram of the rows lies below.
        show_band: Whether the range of a calibrated model is shaded (one model only).
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "ReliabilityDiagram", "table", "ece")
    filled = {n: d for n, d in found.items() if np.nansum(d.table.count) > 0}
    heading = title or "Reliability"
    if title is None and len(filled) == 1:
        heading = f"Reliability, ECE {shown(next(iter(filled.values())).ece, 3)}"
    canvas = Canvas(
        heading,
        theme=theme,
        height=height,
        x="confidence",
        y="accuracy",
        notes=flag_notes(found),
        revision="reliability",
    )
    if not filled:
        return canvas.empty(reason(found, "No predictions to compare with labels yet."))
    palette = colors or ColorMap.for_names(filled)
    if show_band and len(filled) == 1:
        bins.band(canvas, next(iter(filled.values())))
    bins.diagonal(canvas)
    for name, diagram in filled.items():
        look = (palette.color(name), palette.dash(name))
        bins.curve(canvas, name, diagram, look, gaps=len(filled) == 1)
        if show_counts:
            bins.counts(canvas, name, diagram, palette.color(name), len(filled))
    canvas.x(range=[0, 1], constrain="domain")
    canvas.y(range=[0, 1], domain=[0.3 if show_counts else 0.0, 1])
    if show_counts:
        below = {"domain": [0, 0.2], "nticks": 3, "rangemode": "tozero"}
        canvas.axes["yaxis2"] = canvas.axis("rows", **below)
        canvas.x(anchor="y2")
    canvas.body = 290
    return canvas.figure()


def calibration_comparison_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the reliability of several models: overlaid up to four, else a panel each.

    Args:
        result: `CalibrationReport`s by model name, or one.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "CalibrationReport", "diagram", "decomposition")
    diagrams = {n: r.diagram for n, r in found.items()}
    look: dict[str, Any] = {"theme": theme, "height": height}
    heading = title or "Calibration of the models"
    if len(diagrams) <= _OVERLAID:
        return reliability_figure(diagrams, title=heading, colors=colors, **look)
    return _diagrams(diagrams, heading, colors, flag_notes(found), look)


def temperature_diagrams_figure(
    before: Any,
    after: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws two reliability diagrams side by side: before and after scaling.

    Args:
        before: `ReliabilityDiagram` at temperature 1.
        after: `ReliabilityDiagram` at the fitted temperature.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    both = {"before scaling": before, "after scaling": after}
    found = by_name(both, "ReliabilityDiagram", "table", "ece")
    look: dict[str, Any] = {"theme": theme, "height": height}
    heading = title or "Reliability before and after temperature scaling"
    return _diagrams(found, heading, None, flag_notes(found), look)


def _diagrams(
    diagrams: dict[str, Any],
    heading: str,
    colors: ColorMap | None,
    notes: tuple[str, ...],
    look: dict[str, Any],
) -> go.Figure:
    axes: dict[str, Any] = {"x": "confidence", "y": "accuracy"}
    canvas = Canvas(heading, notes=notes, **axes, **look)
    filled = {n: d for n, d in diagrams.items() if np.nansum(d.table.count) > 0}
    if not filled:
        return canvas.empty(reason(diagrams, "No predictions to compare with labels."))
    palette = colors or ColorMap.for_names(diagrams)
    columns = 2 if len(filled) < 5 else 3
    short = dict(zip(filled, distinct(list(filled), 14), strict=True))
    titles = [
        f"{shorten(short[n], 14 + 3 * (3 - columns))}<br>ECE {shown(d.ece, 3)}"
        for n, d in filled.items()
    ]
    canvas.panels(titles, columns=columns, **axes, row=160, gap=0.09)
    for i, (name, diagram) in enumerate(filled.items()):
        place = canvas.at(i)
        for axis in place.values():
            canvas.axes[f"{axis[0]}axis{axis[1:]}"] |= {"range": [0, 1], "nticks": 4}
        if len(filled) <= _OVERLAID:
            bins.band(canvas, diagram, place, uid("band", name))
        bins.diagonal(canvas, place, uid("diagonal", name))
        bins.curve(canvas, name, diagram, (palette.color(name), "solid"), True, place)
    canvas.legend = False
    return canvas.figure()
