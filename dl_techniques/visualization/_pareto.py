"""The Pareto front of models."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import distinct, escape, numbers, shorten
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import NEUTRAL, ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme


def pareto_figure(
    front: Any,
    x: str | None = None,
    y: str | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws models by two objectives: the front as a staircase, the others faded.

    Args:
        front: `ParetoFront`.
        x: Objective of the horizontal axis; by default the second one.
        y: Objective of the vertical axis; by default the first one.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.

    Raises:
        ValueError: If an objective is not among those of the front.
    """
    found = expect(front, "ParetoFront", "names", "objectives", "values", "mask")
    known = [str(o[0]) for o in found.objectives]
    x, y = (
        x or (known[1] if len(known) > 1 else known[0] if known else ""),
        y or (known[0] if known else ""),
    )
    for argument, name in (("x", x), ("y", y)):
        if known and name not in known:
            raise ValueError(f"`{argument}` must be one of {known}. Received: {name!r}")
    better = {str(o[0]): str(o[1]) for o in found.objectives}
    arrow = {"max": "higher is better", "min": "lower is better"}
    words = [
        f"{escape(n.replace('_', ' '))} ({arrow.get(better.get(n, ''), '')})"
        for n in (x, y)
    ]
    canvas = Canvas(
        title or "Models on the Pareto front",
        theme=theme,
        height=height,
        x=words[0],
        y=words[1],
        notes=flag_notes(found),
        revision="pareto",
    )
    values = np.asarray(found.values, float)
    values = values.reshape(len(found.names), -1) if len(found.names) else values
    if not len(found.names) or not values.size or not np.isfinite(values).any():
        return canvas.empty(reason(found, "No model has both objectives yet."))
    pair = values[:, [known.index(x), known.index(y)]]
    on = np.asarray(found.mask, bool) & np.isfinite(pair).all(axis=1)
    if on.sum() > 1:
        _staircase(canvas, pair[on], better.get(y, "max"))
    palette = colors or ColorMap.for_names(found.names)
    few = len(found.names) <= 6
    short = dict(zip(found.names, distinct(found.names, 18), strict=True))
    for name, mask in (("on the front", on), ("dominated", ~on)):
        picked = np.flatnonzero(mask)
        if not len(picked):
            continue
        who = [str(found.names[i]) for i in picked]
        top = name == "on the front"
        canvas.add(
            "scatter",
            x=numbers(pair[picked, 0]),
            y=numbers(pair[picked, 1]),
            mode="markers+text" if few or (top and len(picked) <= 6) else "markers",
            text=[shorten(short[n], 18) for n in who],
            textposition="top center",
            cliponaxis=False,
            name=name,
            marker={
                "size": 12 if top else 9,
                "symbol": "circle" if top else "circle-open",
                "color": [palette.color(n) for n in who],
                "opacity": 1 if top else 0.6,
            },
            customdata=[escape(n) for n in who],
            hovertemplate="%{customdata}<br>%{x:.4g}, %{y:.4g}<extra></extra>",
            uid="front" if top else "dominated",
        )
    spread = pair[np.isfinite(pair[:, 0]) & (pair[:, 0] > 0), 0]
    if len(spread) == len(pair) and spread.max() / spread.min() > 50:
        canvas.log("xaxis").x(exponentformat="SI")
    return canvas.figure()


def _staircase(canvas: Canvas, points: Any, better: str) -> None:
    order = np.lexsort((points[:, 1], points[:, 0]))
    line = {"color": with_alpha(NEUTRAL, 0.8), "width": 1.5}
    rising = points[order[-1], 1] >= points[order[0], 1]
    shape = "hv" if (rising == (better == "max")) else "vh"
    canvas.add(
        "scatter",
        x=numbers(points[order, 0]),
        y=numbers(points[order, 1]),
        mode="lines",
        line=line | {"shape": shape},
        showlegend=False,
        name="front",
        hoverinfo="skip",
        uid="staircase",
    )
