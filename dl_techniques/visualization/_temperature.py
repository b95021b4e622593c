"""Temperature scaling in figures."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import (
    number,
    numbers,
    shown,
)
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme


def temperature_figure(
    fit: Any,
    curve: Any = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws likelihood and calibration error against the temperature.

    Args:
        fit: `TemperatureFit`; its temperature is marked.
        curve: `TemperatureCurve`; without one only T = 1 and the optimum are drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    best = expect(fit, "TemperatureFit", "temperature", "nll_after")
    at = number(best.temperature)
    line = {
        "temperatures": [1.0, at],
        "nll": [best.nll_before, best.nll_after],
        "ece": [best.ece_before, best.ece_after],
    }
    if curve is not None:
        found = expect(curve, "TemperatureCurve", "temperatures", "nll", "ece")
        line = {name: getattr(found, name) for name in line}
    canvas = Canvas(
        title
        or f"Temperature {shown(at, 3)}: ECE {shown(best.ece_before, 3)} → "
        f"{shown(best.ece_after, 3)}",
        theme=theme,
        height=height,
        x="temperature",
        y="negative log-likelihood (nats)",
        notes=flag_notes(best),
        revision="temperature",
    )
    t, nll, ece = (numbers(v) for v in line.values())
    if not any(v is not None for v in nll + ece):
        return canvas.empty(reason(best, "No logits to scale yet."))
    for name, values, axis, place, dash in (
        ("negative log-likelihood", nll, "y", 0, "solid"),
        ("calibration error (right axis)", ece, "y2", 4, "dash"),
    ):
        canvas.add(
            "scatter",
            x=t,
            y=values,
            yaxis=axis,
            name=name,
            uid=axis,
            mode="lines" if curve is not None else "lines+markers",
            line={"color": PALETTE[place], "dash": dash, "width": 2},
            hovertemplate=f"{name}: %{{y:.4g}} at T = %{{x:.4g}}<extra></extra>",
        )
    right = {"overlaying": "y", "side": "right", "tickmode": "auto"}
    canvas.axes["yaxis2"] = canvas.axis("calibration error", **right)
    canvas.axes["yaxis2"] |= {"rangemode": "tozero", "showgrid": False}
    canvas.log("xaxis").x(exponentformat="none", dtick="D2")
    if np.isfinite(at) and at > 0:
        canvas.rule(x=at, below=False)
        where = {"xref": "x", "yref": "paper", "yanchor": "top", "xanchor": "left"}
        canvas.text(f" T = {shown(at, 3)}", float(np.log10(at)), 0.99, **where)
    return canvas.figure()
