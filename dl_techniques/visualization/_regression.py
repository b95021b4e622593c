"""Numbers predicted: fits, residuals, forecasts and mixtures."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._points import subset
from dl_techniques.visualization._text import numbers
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme


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
    true, guess = (np.ravel(np.asarray(v, float)) for v in (y_true, y_pred))
    plain = x is None
    canvas = Canvas(
        title or "Fit on held-out data",
        theme=theme,
        height=height,
        x="target" if plain else "input",
        y="prediction" if plain else "target, prediction",
    )
    if not np.isfinite(true).any() and not np.isfinite(guess).any():
        return canvas.empty("No predictions yet.")
    keep, note = subset(len(true))
    canvas.notes += [note] if note else []
    true, guess = true[keep], guess[keep]
    if plain:
        known = true[np.isfinite(true)]
        ends = numbers([known.min(), known.max()]) if len(known) else []
        line = {"color": canvas.look.axis, "dash": "dot"}
        canvas.add("scatter", x=ends, y=ends, mode="lines", line=line)
        canvas.traces[-1] |= {"name": "perfect", "uid": "perfect"}
        _dots(canvas, true, guess, "held out", 0)
    else:
        places = np.ravel(np.asarray(x, float))[keep]
        order = np.argsort(places, kind="stable")
        _dots(canvas, places[order], true[order], "target", 0)
        _dots(canvas, places[order], guess[order], "prediction", 1)
    canvas.body = 290
    return canvas.figure()


def _dots(canvas: Canvas, x: Any, y: Any, name: str, place: int) -> None:
    canvas.add(
        "scatter",
        x=numbers(x, 4),
        y=numbers(y, 4),
        mode="markers",
        name=name,
        marker={"color": PALETTE[place], "size": 6, "opacity": 0.75}
        | {"symbol": ("circle", "x")[place]},
        hovertemplate=f"{name}<br>%{{x:.4g}}, %{{y:.4g}}<extra></extra>",
        uid=name.replace(" ", "_"),
    )


def residual_figure(
    y_true: Any,
    y_pred: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws prediction - target over the prediction, and its histogram.

    Args:
        y_true: `(n,)` targets.
        y_pred: `(n,)` predictions.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    true, guess = (np.ravel(np.asarray(v, float)) for v in (y_true, y_pred))
    axes = ("prediction", "rows"), ("prediction - target", "prediction - target")
    canvas = Canvas(
        title or "Residuals",
        theme=theme,
        height=height,
        x=axes[0][0],
        y=axes[1][0],
    )
    residual = guess - true
    known = np.isfinite(residual)
    if not known.any():
        return canvas.empty("No predictions yet.")
    keep, note = subset(len(true))
    canvas.notes += [note] if note else []
    canvas.panels(("over the prediction", "how often"), x=axes[0], y=axes[1], row=230)
    canvas.axes["yaxis2"]["title"] = {"text": ""}
    _dots(canvas, guess[keep], residual[keep], "residual", 0)
    low, high = float(residual[known].min()), float(residual[known].max())
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    count, edges = np.histogram(residual[known], np.linspace(low, high, 31))
    canvas.add(
        "bar",
        x=count.tolist(),
        y=numbers((edges[1:] + edges[:-1]) / 2),
        orientation="h",
        name="rows",
        uid="rows",
        marker={"color": PALETTE[0]},
        hovertemplate="%{y:.4g}: %{x} rows<extra></extra>",
        **canvas.at(1),
    )
    canvas.axes["yaxis2"]["matches"] = "y"
    canvas.extra["bargap"] = 0.05
    canvas.rule(y=0, dash="solid")
    canvas.legend = False
    return canvas.figure()
