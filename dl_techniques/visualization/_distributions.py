"""Predicted distributions and forecasts."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import numbers
from dl_techniques.visualization.colors import PALETTE, with_alpha
from dl_techniques.visualization.theme import Theme


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
