"""Stated quantiles against observed ones."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import (
    number,
    numbers,
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme


def quantile_calibration_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws observed against stated quantiles, and the histogram of the PIT values.

    Args:
        result: `QuantileCalibration`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "QuantileCalibration", "levels", "observed", "pit_counts")
    known = {n: q for n, q in found.items() if np.isfinite(_array(q.observed)).any()}
    heading = title or "Quantiles: stated and observed"
    if title is None and len(known) == 1:
        heading += f", error {shown(next(iter(known.values())).error, 3)}"
    x = ("stated quantile level", "PIT value (probability)")
    y = ("observed share", "density")
    canvas = Canvas(
        heading,
        theme=theme,
        height=height,
        x=x[0],
        y=y[0],
        notes=flag_notes(found),
        revision="quantiles",
    )
    if not known:
        return canvas.empty(reason(found, "No stated distributions to judge yet."))
    canvas.panels(("calibration", "PIT histogram"), x=x, y=y, row=220, gap=0.16)
    line = {"color": canvas.look.axis, "dash": "dot"}
    canvas.add(
        "scatter",
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line=line,
        hoverinfo="skip",
        name="perfectly calibrated",
        uid="diagonal",
    )
    palette = colors or ColorMap.for_names(found)
    for name, q in known.items():
        _quantiles(canvas, name, q, palette.color(name), len(known))
    canvas.axes["yaxis2"]["rangemode"] = "tozero"
    return canvas.figure()


def _array(values: Any) -> Any:
    return np.asarray([np.nan if v is None else v for v in values], float)


def _quantiles(canvas: Canvas, name: str, q: Any, color: str, models: int) -> None:
    canvas.add(
        "scatter",
        x=numbers(q.levels),
        y=numbers(q.observed),
        mode="lines+markers",
        line={"color": color},
        marker={"size": 5},
        name=shorten(name) or "model",
        legendgroup=name,
        customdata=[int(number(q.n) or 0)] * len(q.levels),
        hovertemplate="stated %{x:.4g}, observed %{y:.4g}<br>"
        "%{customdata} values<extra></extra>",
        uid=uid("levels", name),
    )
    count = np.nan_to_num(_array(q.pit_counts))
    bins, total = len(count), count.sum()
    if not total:
        return
    edges = np.linspace(0, 1, bins + 1)
    share = count / total * bins
    canvas.add(
        "scatter",
        x=numbers((edges[1:] + edges[:-1]) / 2),
        y=numbers(share),
        mode="lines",
        legendgroup=name,
        showlegend=False,
        line={"color": color, "shape": "hvh"},
        fill="tozeroy" if models == 1 else None,
        fillcolor=with_alpha(color, 0.3),
        customdata=count.tolist(),
        hovertemplate="PIT %{x:.3g}: %{customdata:.4g} values<extra></extra>",
        name=shorten(name) or "PIT",
        uid=uid("pit", name),
        **canvas.at(1),
    )
    if models == 1:
        half = 1.96 * float(np.sqrt(bins / total * (1 - 1 / bins)))
        area: dict[str, Any] = {"xref": "x2 domain", "yref": "y2"}
        fill = with_alpha("#888888", 0.22)
        canvas.band(max(1 - half, 0), 1 + half, fill, **area)
        canvas.rule(y=1, **area)
