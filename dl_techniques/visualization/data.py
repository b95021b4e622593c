"""Data sets, and what a model makes of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization.colors import PALETTE, color
from dl_techniques.visualization.theme import Theme, resolve

_MOST_POINTS = 2000


def decision_boundary_figure(
    x: Any,
    y: Any,
    decision: Any,
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
        x: `(columns,)` of the grid.
        y: `(rows,)` of the grid.
        decision: `(rows, columns)` class numbers, or probabilities of class 1.
        points: `(n, 2)` samples.
        labels: `(n,)` their classes.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    heading = title or "Decision boundary"
    grid = np.asarray(decision, dtype=np.float64)
    if grid.size == 0 or not np.isfinite(grid).any():
        why = "The model has not been asked about the plane yet."
        return _figure.nothing(heading, why, theme=theme, height=height)
    fig = _figure.figure(
        heading, theme=theme, height=height or 420, x="feature 1", y="feature 2"
    )
    whole = np.array_equal(grid, np.round(grid))
    top = max(int(np.nanmax(grid)), 1) if whole else 1
    steps = [color(i) for i in range(top + 1)] if whole else [color(0), color(1)]
    scale = [[i / max(len(steps) - 1, 1), c] for i, c in enumerate(steps)]
    fig.add_heatmap(
        x=_figure.numbers(x),
        y=_figure.numbers(y),
        z=[_figure.numbers(row, 3) for row in grid],
        **{"zmin": 0, "zmax": top, "colorscale": scale, "opacity": 0.35},
        showscale=False,
        hovertemplate="%{x:.4g}, %{y:.4g}: %{z:.3g}<extra></extra>",
        uid="decision",
    )
    if points is not None and labels is not None:
        _samples(fig, np.asarray(points), np.asarray(labels), class_names, theme)
    return fig


def _samples(
    fig: go.Figure, points: Any, labels: Any, names: Sequence[str] | None, theme: Any
) -> None:
    points, labels = points[:_MOST_POINTS], labels[:_MOST_POINTS].astype(int)
    symbols = ("circle", "square", "diamond", "cross", "triangle-up", "x")
    for k in sorted(set(labels.tolist())):
        mine = points[labels == k]
        name = str(names[k]) if names and k < len(names) else f"class {k}"
        fig.add_scatter(
            x=_figure.numbers(mine[:, 0], 4),
            y=_figure.numbers(mine[:, 1], 4),
            mode="markers",
            name=_figure.shorten(name),
            marker={
                "color": color(k),
                "symbol": symbols[k % len(symbols)],
                "size": 6,
                "line": {"width": 0.7, "color": resolve(theme).axis},
            },
            uid=f"class-{k}",
        )


def regression_fit_figure(
    x: Any,
    y_true: Any,
    y_pred: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws targets and predictions over one input, or against each other.

    Args:
        x: `(n,)` input, or None to draw predictions against targets.
        y_true: `(n,)` targets.
        y_pred: `(n,)` predictions.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    true, guess = np.ravel(y_true)[:_MOST_POINTS], np.ravel(y_pred)[:_MOST_POINTS]
    heading = title or "Fit on held-out data"
    if not len(true):
        why = "No predictions yet."
        return _figure.nothing(heading, why, theme=theme, height=height)
    plain = x is None
    fig = _figure.figure(
        heading,
        theme=theme,
        height=height or 420,
        x="target" if plain else "input",
        y="prediction" if plain else "target, prediction",
    )
    if plain:
        ends = _figure.numbers([true.min(), true.max()])
        line = {"color": resolve(theme).axis, "dash": "dot"}
        fig.add_scatter(
            x=ends, y=ends, mode="lines", line=line, name="perfect", uid="perfect"
        )
        _dots(fig, true, guess, "held out", 0)
    else:
        order = np.argsort(np.ravel(x)[: len(true)])
        places = np.ravel(x)[order]
        _dots(fig, places, true[order], "target", 0)
        _dots(fig, places, guess[order], "prediction", 1)
    return fig


def _dots(fig: go.Figure, x: Any, y: Any, name: str, place: int) -> None:
    fig.add_scatter(
        x=_figure.numbers(x, 4),
        y=_figure.numbers(y, 4),
        mode="markers",
        marker={"color": PALETTE[place], "size": 6, "opacity": 0.75}
        | {"symbol": ("circle", "x")[place]},
        name=name,
        uid=name,
    )
