"""How near weights are to a few values."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import (
    escape,
    number,
    numbers,
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme


def occupancy_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the share of values near each target, and of those near none.

    Args:
        result: `TernaryStats`, or several by model or layer name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by name.
    """
    found = by_name(result, "TernaryStats", "targets", "occupancy", "outside")
    canvas = Canvas(
        title or "Weights near their targets",
        theme=theme,
        height=height,
        x="target value",
        y="share of weights",
        notes=flag_notes(found),
        revision="occupancy",
    )
    known = {n: t for n, t in found.items() if np.isfinite(t.occupancy).any()}
    if not known:
        return canvas.empty(reason(found, "No weight has been looked at yet."))
    palette = colors or ColorMap.for_names(found)
    names = list(dict.fromkeys(shown(v) for t in known.values() for v in t.targets))
    for name, stats in known.items():
        place = [names.index(shown(v)) for v in stats.targets]
        canvas.add(
            "bar",
            x=[*place, len(names)],
            y=numbers([*stats.occupancy, number(stats.outside)]),
            marker={"color": palette.color(name)},
            name=shorten(name) or "weights",
            hovertemplate=f"{escape(name)}<br>%{{y:.2%}}, mean distance "
            f"{shown(stats.mean_distance)}<extra></extra>",
            uid=uid("occupancy", name),
        )
    canvas.ticks([*names, "none"]).y(tickformat=".0%", rangemode="tozero")
    return canvas.figure()
