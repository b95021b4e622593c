"""The weights of a model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._flags import reason
from dl_techniques.visualization._heat import matrix_figure
from dl_techniques.visualization._occupancy import occupancy_figure
from dl_techniques.visualization._small_multiples import Panel, panels_figure
from dl_techniques.visualization._text import (
    shown,
)
from dl_techniques.visualization._tiles import rgb, tiles_figure
from dl_techniques.visualization._unit_cosine import unit_cosine_figure
from dl_techniques.visualization._update_ratio import update_ratio_figure
from dl_techniques.visualization._view import expect, view
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

__all__ = [
    "filters_figure",
    "occupancy_figure",
    "unit_cosine_figure",
    "update_ratio_figure",
    "weight_histograms_figure",
    "weight_matrix_figure",
]


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
