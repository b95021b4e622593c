"""Spectra after shuffling, smoothing and over training."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._spectra_input import models_of
from dl_techniques.visualization._text import escape, number, numbers, shorten, uid
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

_SEVERITIES = ((0.1, "mild"), (0.3, "moderate"), (0.5, "severe"), (1.0, "critical"))


def alpha_vs_generalisation_figure(
    models: Mapping[str, tuple[float, float]],
    *,
    metric: str = "test accuracy",
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws a held-out metric against the weighted exponent, a point a model.

    Args:
        models: (alpha_weighted, metric) by model name.
        metric: Name of the metric with its unit.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    canvas = Canvas(
        title or "Do the weights tell how well a model generalises?",
        theme=theme,
        height=height,
        y=metric,
        x="mean weighted exponent α log₁₀ λmax",
    )
    pairs = {str(k): [number(n) for n in v] for k, v in models.items()}
    known = {k: v for k, v in pairs.items() if len(v) == 2 and np.isfinite(v).all()}
    if not known:
        return canvas.empty("No model has both an exponent and a held-out metric.")
    palette = colors or ColorMap.for_names(pairs)
    few = len(known) <= 8
    for name, (x, y) in known.items():
        canvas.add(
            "scatter",
            x=numbers([x]),
            y=numbers([y]),
            mode="markers+text" if few else "markers",
            text=[shorten(name, 18)],
            textposition="top center",
            cliponaxis=False,
            marker={"size": 11, "color": palette.color(name)},
            hovertemplate=f"{escape(name)}<br>%{{x:.4g}}, %{{y:.4g}}<extra></extra>",
            name=shorten(name),
            uid=uid("model", name),
        )
    canvas.legend = not few
    return canvas.x(**_padded([v[0] for v in known.values()])).figure()


def _padded(values: Sequence[float]) -> dict[str, Any]:
    low, high = min(values), max(values)
    room = 0.18 * (high - low) or 0.5
    return {"range": [low - room, high + room]}


def trap_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws how far the largest shuffled eigenvalue lies outside the random bulk.

    Args:
        result: A `SpectralReport` made with `randomize=True`, or several by name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models = models_of(result)
    series = {}
    for name, layers in models.items():
        mine = [v for v in layers if getattr(v, "randomized", None) is not None]
        series[name] = Series(
            [v.path for v in mine],
            [number(v.randomized.severity) for v in mine],
            [f"{v.randomized.label}, {v.randomized.num_traps} traps" for v in mine],
            {"symbol": ["x" if v.randomized.num_traps else "circle" for v in mine]},
        )
    canvas = Canvas(
        title or "Correlation traps by layer",
        theme=theme,
        height=height,
        x="layer",
        y="severity (widths of the random bulk)",
        notes=flag_notes(result),
    )
    known = [v for s in series.values() for v in s.values if math.isfinite(v)]
    if not known:
        return canvas.empty("No shuffled spectrum: analyse with randomize=True.")
    palette = colors or ColorMap.for_names(models)
    _layers.draw(canvas, series, palette, unit="severity")
    top, last = max(*known, 0.15), -math.inf
    for level, word in _SEVERITIES:
        if level <= top * 1.3 and level - last > 0.07 * (top - min(known)):
            last = level
            canvas.rule(y=level)
            where = {"xref": "paper", "xanchor": "right", "yanchor": "bottom"}
            canvas.text(word, 1, level, **where)
    return canvas.figure()
