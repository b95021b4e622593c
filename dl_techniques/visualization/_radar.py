"""Normalised metrics on a circle."""

import math
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._table import model_table
from dl_techniques.visualization._text import (
    compact,
    escape,
    numbers,
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization.colors import ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme


def comparison_radar_figure(
    frame: Any,
    direction: Mapping[str, str],
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws metrics scaled to the range over the models: 1 is the best, 0 the worst.

    The range of each metric stands at its axis. Metrics without a direction, or equal
    for all models, are left out.

    Args:
        frame: Models x metrics.
        direction: "max" or "min" by metric.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models, metrics = model_table(frame)
    ends = {}
    for metric, values in metrics.items():
        known = [v for v in values if math.isfinite(v)]
        if metric in direction and known and max(known) > min(known):
            ends[metric] = (min(known), max(known))
    canvas = Canvas(
        title or "Models from worst (0) to best (1) in each metric",
        theme=theme,
        height=height,
        x="metric, with its range",
        y="share of the range",
        notes=("each metric from the worst to the best of these models",),
    )
    if not ends:
        canvas.notes = []
        return canvas.empty("Needs two models that differ in a metric.")
    axes = []
    for metric, (low, high) in ends.items():
        best, worst = (high, low) if direction[metric] == "max" else (low, high)
        axes.append(f"{shorten(metric, 18)}<br>{compact(worst)} to {compact(best)}")
    palette = colors or ColorMap.for_names(models)
    for i, model in enumerate(models):
        shares, raw = [], []
        for metric, (low, high) in ends.items():
            share = (metrics[metric][i] - low) / (high - low)
            shares.append(share if direction[metric] == "max" else 1 - share)
            raw.append(shown(metrics[metric][i]))
        canvas.add(
            "scatterpolar",
            r=numbers([*shares, shares[0]]),
            theta=[*axes, axes[0]],
            mode="lines+markers",
            customdata=[*raw, raw[0]],
            line={"color": palette.color(model), "dash": palette.dash(model)},
            fill="toself" if len(models) <= 3 else None,
            fillcolor=with_alpha(palette.color(model), 0.12),
            name=shorten(model),
            uid=uid("radar", model),
            hovertemplate=f"{escape(model)}<br>%{{theta}}: %{{customdata}}"
            "<extra></extra>",
        )
    look = {"gridcolor": canvas.look.grid, "linecolor": canvas.look.axis}
    small = {"size": canvas.look.font_size - 1}
    canvas.extra["polar"] = {
        "bgcolor": "rgba(0,0,0,0)",
        "radialaxis": look
        | {"range": [0, 1], "tickvals": [0.5, 1], "angle": 90}
        | {"tickfont": small, "tickangle": 90},
        "angularaxis": look | {"tickfont": small},
        "domain": {"y": [0.04, 0.9]},
    }
    canvas.axes = {}
    canvas.body, canvas.left, canvas.right = 320, 96, 96
    return canvas.figure()
