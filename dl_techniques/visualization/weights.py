"""The weights of a model."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._heat import float_matrix, matrix_figure
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._occupancy import occupancy_figure
from dl_techniques.visualization._small_multiples import Panel, panels_figure
from dl_techniques.visualization._text import (
    escape,
    number,
    numbers,
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization._tiles import rgb, tiles_figure
from dl_techniques.visualization._view import expect, view
from dl_techniques.visualization.colors import PALETTE, ColorMap, color
from dl_techniques.visualization.theme import Theme

__all__ = [
    "filters_figure",
    "occupancy_figure",
    "unit_cosine_figure",
    "update_ratio_figure",
    "weight_histograms_figure",
    "weight_matrix_figure",
]
_MOST_LINES = 12
_BINS = 40


def weight_histograms_figure(
    stats: Any,
    *,
    max_layers: int = 12,
    log_count: bool = False,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the histogram of each weight.

    Args:
        stats: `WeightReport`, or `WeightStats` by name, or one.
        max_layers: Most weights drawn.
        log_count: Whether shares are on a logarithmic axis, the same for all.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    if hasattr(stats, "layers"):
        stats = {layer.path: layer.stats for layer in stats.layers}
    named = stats if isinstance(stats, Mapping) and "type" not in stats else {"": stats}
    found = {
        str(k): expect(view(v), "WeightStats", "histogram", "std")
        for k, v in named.items()
    }
    known = {k: v for k, v in found.items() if np.sum(v.histogram.counts) > 0}
    chosen = list(known)[:max_layers]
    panels = [
        Panel(
            n or "weights",
            f"{shown(known[n].mean, 2)} ± {shown(known[n].std, 2)}",
            [("", known[n].histogram.edges, known[n].histogram.counts, PALETTE[1])],
        )
        for n in chosen
    ]
    note = f"the first {len(chosen)} of {len(known)} weights"
    return panels_figure(
        *(title or "Weights by layer", panels, "weight"),
        theme=theme,
        height=height,
        log_count=log_count,
        notes=(note,) if len(chosen) < len(known) else (),
        why=reason(found, "No weight has been looked at yet."),
    )


def weight_matrix_figure(
    matrix: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws a weight as a matrix (all axes but the last are the rows).

    Args:
        matrix: The weight, of one axis or more.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    array = np.asarray(matrix, float)
    array = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array[None]
    return matrix_figure(
        array,
        (None, None),
        title or f"Weight matrix, {array.shape[0]} x {array.shape[1]}",
        unit="weight",
        axes=("output unit", "input"),
        diverging=True,
        look={"theme": theme, "height": height},
        why="The weight is empty.",
    )


def filters_figure(
    kernel: Any,
    *,
    max_filters: int = 16,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the filters of a convolution.

    With exactly three input channels they are colours; otherwise the first input
    channel is drawn, centred at 0.

    Args:
        kernel: `(h, w, input channels, filters)`.
        max_filters: Most filters drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    array = np.asarray(kernel, float)
    if array.ndim != 4:
        shape = array.shape
        raise ValueError(f"`kernel` must be (h, w, in, out). Received shape: {shape}")
    inputs, filters = array.shape[2:]
    n = min(filters, max_filters)
    colored = inputs == 3 and np.isfinite(array).all()
    tiles = (
        [array[..., i] if colored else array[:, :, 0, i] for i in range(n)]
        if inputs
        else []
    )
    if colored:
        limit = float(np.abs(array).max()) or 1.0
        tiles = [rgb((t / limit + 1) / 2)[0] for t in tiles]
    return tiles_figure(
        tiles,
        [f"filter {i}" for i in range(n)],
        title or "Filters of the convolution",
        notes=(
            f"the first {n} of {filters} filters" if n < filters else "",
            "" if colored or inputs == 1 else f"input channel 0 of {inputs}",
        ),
        look={"theme": theme, "height": height},
        why="The kernel is empty.",
        diverging=not colored,
        pictures=colored,
    )


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


def unit_cosine_figure(
    cosines: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the cosine between the output vectors of every two units.

    Args:
        cosines: `(units, units)`; the diagonal is left out. Or a `DirectionStats`:
            then the lengths of the vectors are drawn, and the cosines summed up.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    look: dict[str, Any] = {"theme": theme, "height": height}
    if hasattr(cosines, "mean_abs_cosine") or isinstance(cosines, Mapping):
        return _lengths(expect(cosines, "DirectionStats", "norms"), title, look)
    array = float_matrix(cosines).copy()
    n = min(array.shape)
    array[np.arange(n), np.arange(n)] = np.nan
    return matrix_figure(
        array,
        (None, None),
        title or "Cosine between the units",
        unit="cosine",
        axes=("unit", "unit"),
        diverging=True,
        look=look,
        why="Needs two units of some length.",
    )


def _lengths(stats: Any, title: str | None, look: dict[str, Any]) -> go.Figure:
    norms = np.asarray(stats.norms, float)
    norms = norms[np.isfinite(norms)]
    words = (
        f"|cosine| between units: mean {shown(stats.mean_abs_cosine, 3)}, "
        f"largest {shown(stats.max_abs_cosine, 3)}; "
        f"{shown(100 * number(stats.duplicate_fraction), 3)} % of the pairs above 0.9"
    )
    heading = title or "Lengths of the units' weights"
    notes = (words, *flag_notes(stats)) if len(norms) else ()
    canvas = Canvas(heading, x="‖w‖ of a unit", y="units", notes=notes, **look)
    if not len(norms):
        return canvas.empty(reason(stats, "Needs two units of some length."))
    high = float(norms.max()) or 1.0
    count, edges = np.histogram(norms, np.linspace(0, high * 1.001, _BINS + 1))
    canvas.add(
        "bar",
        x=numbers((edges[1:] + edges[:-1]) / 2),
        y=count.tolist(),
        marker={"color": PALETTE[1]},
        hovertemplate="‖w‖ %{x:.4g}: %{y} units<extra></extra>",
        name="units",
        uid="units",
    )
    canvas.extra["bargap"] = 0.05
    return canvas.figure()
