"""Units and feature maps of one layer."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._heat import averaged, float_matrix, matrix_figure
from dl_techniques.visualization._text import escape
from dl_techniques.visualization._tiles import tiles_figure
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

_STATES = (
    ("active", "#56B4E9"),
    ("saturated", "#E69F00"),
    ("constant", "#999999"),
    ("dead", "#D55E00"),
)
_SATURATED = 0.9


def dead_units_figure(
    stats: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws every unit of a layer as a cell: active, saturated, constant or dead.

    Args:
        stats: `ActivationStats`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(stats, "ActivationStats", "unit_dead", "unit_constant")
    dead, constant = (
        np.asarray(v, bool) for v in (found.unit_dead, found.unit_constant)
    )
    n = len(dead)
    known = np.isfinite(np.asarray(found.unit_mean, float))
    heading = f"Units: {int(dead[known].sum())} of {n} never answer" if n else "Units"
    canvas = Canvas(
        title or heading,
        theme=theme,
        height=height,
        x="unit (column)",
        y="unit (row)",
        notes=flag_notes(found, without=("DEAD_UNITS", "SATURATED")),
        revision="dead units",
    )
    if not n or not known.any():
        return canvas.empty(reason(found, "No unit has been looked at yet."))
    state = np.zeros(n)
    if found.unit_saturated_fraction is not None:
        state[np.asarray(found.unit_saturated_fraction, float) > _SATURATED] = 1
    state[constant] = 2
    state[dead] = 3
    state[~known] = np.nan
    columns = min(max(math.ceil(math.sqrt(2 * n)), 1), 64)
    rows = -(-n // columns)
    cells = np.full(rows * columns, np.nan)
    cells[:n] = state
    index = np.full(rows * columns, -1)
    index[:n] = np.asarray(found.unit_index)
    scale = [[j / 4, c] for i, (_, c) in enumerate(_STATES) for j in (i, i + 1)]
    canvas.add(
        "heatmap",
        z=cells.reshape(rows, columns).astype(np.float32),
        customdata=index.reshape(rows, columns).astype(np.int32),
        zmin=-0.5,
        zmax=3.5,
        colorscale=scale,
        xgap=1,
        ygap=1,
        hovertemplate="unit %{customdata}<extra></extra>",
        showscale=False,
        name="state",
        uid="units",
        showlegend=False,
    )
    for name, color in _STATES:
        marker = {"color": color, "symbol": "square", "size": 11}
        point: dict[str, Any] = {"x": [None], "y": [None], "mode": "markers"}
        canvas.add("scatter", **point, marker=marker, name=name, uid=name)
    canvas.body = int(np.clip(18 * rows, 120, 420))
    canvas.x(showgrid=False, range=[-0.5, columns - 0.5])
    return canvas.y(showgrid=False, range=[rows - 0.5, -0.5], nticks=6).figure()


def feature_map_figure(
    maps: Any,
    *,
    max_maps: int = 16,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the feature maps of one sample, each in its own range.

    Args:
        maps: `(height, width, channels)` output of a layer.
        max_maps: Most channels drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    array = np.asarray(maps, float)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3:
        shape = array.shape
        raise ValueError(f"`maps` must be (height, width, channels). Received: {shape}")
    channels = array.shape[-1]
    shown = min(channels, max_maps)
    note = f"the first {shown} of {channels} channels" if shown < channels else ""
    return tiles_figure(
        [array[..., i] for i in range(shown)],
        [f"channel {i}" for i in range(shown)],
        title or "Feature maps",
        notes=(note, "each in its own range"),
        look={"theme": theme, "height": height},
        why="The layer has no feature map.",
    )


def activation_heatmap_figure(
    activations: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws units against samples, sorted by class.

    Args:
        activations: `(samples, units)`.
        labels: `(samples,)` class numbers.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    array = float_matrix(activations)
    order = np.arange(len(array))
    classes = np.asarray(labels if labels is not None else [], int)
    if len(classes):
        order = np.argsort(classes, kind="stable")
    cells, _ = averaged(array[order].T)
    fig = matrix_figure(
        array[order].T,
        (None, None),
        title or "Outputs of the units",
        unit="output",
        axes=("sample" + (", sorted by class" if len(classes) else ""), "unit"),
        diverging=bool((array < 0).any()),
        look={"theme": theme, "height": height},
        why="No output has been looked at yet.",
    )
    if not len(classes) or not fig.data:
        return fig
    scale = cells.shape[1] / len(order)
    ends = np.flatnonzero(np.diff(classes[order])) + 1
    starts = [0, *ends.tolist()]
    values = [int(classes[order][s]) for s in starts]
    names = [str(class_names[v]) if class_names else f"class {v}" for v in values]
    middle = [
        (a + b) / 2 * scale - 0.5
        for a, b in zip(starts, [*starts[1:], len(order)], strict=True)
    ]
    few = slice(None, None, max(-(-len(names) // 12), 1))
    fig.update_xaxes(
        tickmode="array",
        tickvals=middle[few],
        ticktext=[escape(n)[:14] for n in names][few],
    )
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1}
    fig.layout.shapes = [
        {**line, "x0": e * scale - 0.5, "x1": e * scale - 0.5}
        | {"line": {"color": PALETTE[4], "width": 1}}
        for e in ends[:60].tolist()
    ]
    return fig
