"""Numbers predicted: fits, residuals, forecasts and mixtures."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._points import subset
from dl_techniques.visualization._text import numbers
from dl_techniques.visualization.colors import PALETTE, with_alpha
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


def forecast_figure(
    y: Any,
    mean: Any,
    lower: Any = None,
    upper: Any = None,
    *,
    start: int | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws a series, its forecast and the interval around it.

    Args:
        y: `(n,)` observed; NaN where nothing was.
        mean: `(m,)` forecast.
        lower: `(m,)` lower end of the interval.
        upper: `(m,)` upper end.
        start: Time step of the first forecast; by default the last m steps of `y`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    seen, guess = (np.ravel(np.asarray(v, float)) for v in (y, mean))
    canvas = Canvas(
        title or "Forecast",
        theme=theme,
        height=height,
        x="time step",
        y="value",
    )
    if not np.isfinite(seen).any() and not np.isfinite(guess).any():
        return canvas.empty("No forecast yet.")
    first = max(len(seen) - len(guess), 0) if start is None else start
    x = list(range(first, first + len(guess)))
    if lower is not None and upper is not None:
        low, high = (np.ravel(np.asarray(v, float)) for v in (lower, upper))
        known = np.isfinite(low) & np.isfinite(high)
        xs = np.asarray(x)[known]
        ring = np.concatenate([xs, xs[::-1]]).tolist()
        edge = numbers(np.concatenate([high[known], low[known][::-1]]))
        canvas.add(
            "scatter",
            x=ring,
            y=edge,
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=with_alpha(PALETTE[1], 0.25),
            name="interval",
            hoverinfo="skip",
            uid="interval",
        )
    for name, xs, values, place, dash in (
        ("observed", list(range(len(seen))), seen, 0, "solid"),
        ("forecast", x, guess, 1, "dash"),
    ):
        canvas.add(
            "scatter",
            x=xs,
            y=numbers(values),
            name=name,
            uid=name,
            mode="lines" if len(values) > 1 else "markers",
            line={"color": PALETTE[place], "dash": dash, "width": 2},
            hovertemplate=f"{name}<br>step %{{x}}: %{{y:.4g}}<extra></extra>",
        )
    return canvas.figure()


def mixture_density_figure(
    pi: Any,
    mu: Any,
    sigma: Any,
    *,
    y: float | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the density of a mixture of normal distributions and its parts.

    Args:
        pi: `(k,)` weights.
        mu: `(k,)` means.
        sigma: `(k,)` standard deviations.
        y: The target, marked.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    w, m, s = (np.ravel(np.asarray(v, float)) for v in (pi, mu, sigma))
    canvas = Canvas(
        title or "Predicted distribution",
        theme=theme,
        height=height,
        x="value",
        y="density (1 / value)",
    )
    known = np.isfinite(w) & np.isfinite(m) & np.isfinite(s) & (s > 0)
    w, m, s = w[known], m[known], s[known]
    if not len(w):
        return canvas.empty("No distribution has been predicted yet.")
    x = np.linspace((m - 4 * s).min(), (m + 4 * s).max(), 300)
    z = (x[:, None] - m) / s
    parts = w * np.exp(-0.5 * z * z) / (s * np.sqrt(2 * np.pi))
    order = np.argsort(-w, kind="stable")[:8]
    for place, i in enumerate(sorted(order.tolist())):
        canvas.add(
            "scatter",
            x=numbers(x, 4),
            y=numbers(parts[:, i], 4),
            mode="lines",
            line={"color": PALETTE[(place + 1) % 10], "width": 1.2, "dash": "dot"},
            name=f"part {i}, weight {w[i]:.2f}",
            hovertemplate="%{x:.4g}: %{y:.4g}<extra></extra>",
            uid=f"part-{i}",
        )
    canvas.add(
        "scatter",
        x=numbers(x, 4),
        y=numbers(parts.sum(1), 4),
        mode="lines",
        line={"color": PALETTE[0], "width": 2.5},
        name="mixture",
        hovertemplate="%{x:.4g}: density %{y:.4g}<extra></extra>",
        uid="mixture",
    )
    if y is not None and np.isfinite(y):
        canvas.rule(x=float(y), dash="dash", below=False)
        canvas.text(" target", float(y), 1, yref="paper", xanchor="left")
    return canvas.figure()
