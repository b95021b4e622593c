"""The plane as a model sees it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._heat import LARGEST, averaged
from dl_techniques.visualization._points import classes_scatter
from dl_techniques.visualization._text import numbers
from dl_techniques.visualization.colors import SEQUENTIAL, color
from dl_techniques.visualization.theme import Theme


def decision_boundary_figure(
    x: Any,
    y: Any = None,
    decision: Any = None,
    *,
    points: Any = None,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the class a model gives to each place of the plane, and the data.

    Args:
        x: `(columns,)` of the grid; or a `DecisionGrid`; or (x, y) of the grid with a
            function of `(n, 2)` points in place of `y`.
        y: `(rows,)` of the grid.
        decision: `(rows, columns)` class numbers, or probabilities of class 1.
        points: `(n, 2)` samples.
        labels: `(n,)` their classes.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    canvas = Canvas(
        title or "Decision boundary",
        theme=theme,
        height=height,
        x="feature 1",
        y="feature 2",
    )
    across, down, grid, smooth = _grid(x, y, decision)
    if grid.size == 0 or not np.isfinite(grid).any():
        return canvas.empty("The model has not been asked about the plane yet.")
    small, note = averaged(grid)
    canvas.notes += [note if smooth else "every n-th place of the grid"] * bool(note)
    if not smooth:  # a class has no mean
        steps = [max(-(-n // LARGEST), 1) for n in grid.shape]
        small = grid[:: steps[0], :: steps[1]]
    if note:
        across = np.linspace(across[0], across[-1], small.shape[1])
        down = np.linspace(down[0], down[-1], small.shape[0])
    canvas.add(
        "heatmap",
        x=numbers(across),
        y=numbers(down),
        z=small.astype(np.float32),
        **_colors(small, smooth=smooth),
        hovertemplate="%{x:.4g}, %{y:.4g}: %{z:.3g}<extra></extra>",
        name="decision",
        uid="decision",
        showlegend=False,
    )
    if points is not None and labels is not None and len(points):
        classes_scatter(canvas, np.asarray(points), labels, class_names)
    canvas.body = 320
    return canvas.figure()


def _grid(x: Any, y: Any, decision: Any) -> tuple[Any, Any, Any, bool]:
    """Returns the axes, the grid, and whether its values are not class numbers."""
    if hasattr(x, "classes") and hasattr(x, "confidence"):
        found = x
        x, y = found.x, found.y
        decision = found.classes if found.classes is not None else found.values
    elif callable(y):
        predict, (x, y) = y, x
        across, down = np.meshgrid(np.asarray(x, float), np.asarray(y, float))
        answer = np.asarray(predict(np.column_stack([across.ravel(), down.ravel()])))
        if answer.ndim == 2:
            answer = answer.argmax(-1) if answer.shape[1] > 1 else answer[:, 0]
        decision = answer.reshape(across.shape)
    grid = np.asarray([] if decision is None else decision, dtype=np.float64)
    whole = np.array_equal(grid, np.round(grid), equal_nan=True)
    return np.ravel(x), np.ravel([] if y is None else y), grid, not whole


def _colors(grid: Any, *, smooth: bool) -> dict[str, Any]:
    high, low = float(np.nanmax(grid)), float(np.nanmin(grid))
    bar = {"thickness": 10, "title": {"text": "value", "side": "right"}}
    if smooth and (low < 0 or high > 1):
        return {"colorscale": SEQUENTIAL, "colorbar": bar, "opacity": 0.8}
    if smooth:
        scale = [[0, color(0)], [0.5, "#dddddd"], [1, color(1)]]
        bar["title"] = {"text": "probability of class 1", "side": "right"}
        ends = {"zmin": 0, "zmax": 1}
        return {"colorscale": scale, "colorbar": bar, "opacity": 0.5, **ends}
    top = max(int(high), 1)
    steps = [color(i) for i in range(top + 1)]
    n = len(steps)
    scale = [[j / n, c] for i, c in enumerate(steps) for j in (i, i + 1)]
    look = {"colorscale": scale, "opacity": 0.35, "showscale": False}
    return {**look, "zmin": -0.5, "zmax": top + 0.5}
