"""How far weights move."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._text import (
    escape,
    number,
    numbers,
    shorten,
    uid,
)
from dl_techniques.visualization.colors import ColorMap, color
from dl_techniques.visualization.theme import Theme

_MOST_LINES = 12


def update_ratio_figure(
    ratios: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws how far each weight moved: the size of the step over that of the weight.

    Args:
        ratios: Ratio by weight; or a sequence of them by weight, an epoch each.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    series = {
        str(k): [number(r) for r in np.atleast_1d(np.asarray(v, float))]
        for k, v in ratios.items()
    }
    over_time = any(len(v) > 1 for v in series.values())
    canvas = Canvas(
        title or "Size of the updates",
        theme=theme,
        height=height,
        x="epoch" if over_time else "weight",
        y="‖ΔW‖ / ‖W‖ per update",
    )
    known = [v for values in series.values() for v in values if v > 0]
    if not known or not np.isfinite(known).any():
        return canvas.empty("No weight has moved yet.")
    if over_time:
        canvas.notes += _lines(canvas, series)
    else:
        values = [v[0] if v[0] > 0 else math.nan for v in series.values()]
        one = {"": Series(list(series), values)}
        _layers.draw(canvas, one, ColorMap.for_names([""]), unit="ratio")
    canvas.rule(y=1e-3, dash="dash")
    where = {"xref": "paper", "xanchor": "left", "textangle": -90}
    canvas.text("usual", 1, -3, **where)
    canvas.right = 28
    return canvas.log("yaxis").figure()


def _lines(canvas: Canvas, series: Mapping[str, Sequence[float]]) -> list[str]:
    for i, (name, values) in enumerate(list(series.items())[:_MOST_LINES]):
        canvas.add(
            "scatter",
            x=list(range(1, len(values) + 1)),
            y=numbers([v if v > 0 else math.nan for v in values]),
            mode="lines+markers",
            line={"color": color(i), "dash": "solid" if i < 10 else "dash"},
            marker={"size": 4},
            name=shorten(name),
            hovertemplate=f"{escape(name)}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
            uid=uid("update", name),
        )
    more = len(series) - _MOST_LINES
    return [f"the first {_MOST_LINES} of {len(series)} weights"] if more > 0 else []
