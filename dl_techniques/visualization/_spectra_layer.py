"""The spectrum of one weight."""

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.utils.validation import check_choice
from dl_techniques.visualization import _spectra_input as spectra
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import number, numbers, shorten, uid
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import NEUTRAL, PALETTE, with_alpha
from dl_techniques.visualization.theme import Theme

_UNIT = "eigenvalue of WᵀW"


def esd_figure(
    layer: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    scale: str = "loglog",
    show: tuple[str, ...] = ("fit", "mp", "random"),
) -> go.Figure:
    """Draws the density of a layer's eigenvalues with the fitted power law.

    Args:
        layer: A `LayerSpectrum`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        scale: "loglog", "loglin" (only x) or "linear".
        show: What is drawn beside the histogram.
    """
    check_choice("scale", scale, ("loglog", "loglin", "linear"))
    found = expect(layer, "LayerSpectrum", "fit", "path")
    edges, heights, share = spectra.density(found, scale)
    canvas = Canvas(
        title or f"Eigenvalues of {shorten(found.path)}: {spectra.verdict(found.fit)}",
        theme=theme,
        height=height,
        x=_UNIT,
        y="density (1 / eigenvalue)",
        notes=flag_notes(found.fit, without=("NOT_POWER_LAW",)) if len(heights) else (),
        revision=f"esd {found.path} {scale}",
    )
    if not len(heights):
        why = "This weight has no positive eigenvalue."
        return canvas.empty(reason(getattr(found, "spectrum", found), why))
    canvas.log(*{"loglog": ("xaxis", "yaxis"), "loglin": ("xaxis",)}.get(scale, ()))
    _steps(canvas, edges, heights, PALETTE[0], "eigenvalues", scale)
    if "random" in show:
        _random(canvas, found, edges, scale)
    if "mp" in show:
        _bulk(canvas, found, scale)
    if "fit" in show:
        _power_law(canvas, found.fit, share, scale)
    canvas.body = 280
    return canvas.figure()


def _steps(
    canvas: Canvas, edges: Any, heights: Any, color: str, name: str, scale: str
) -> None:
    y = np.repeat(heights, 2)
    canvas.add(
        "scatter",
        x=numbers(np.repeat(edges, 2)[1:-1]),
        y=numbers(np.where(y > 0, y, np.nan if scale == "loglog" else 0)),
        mode="lines",
        fill="tozeroy" if scale != "loglog" else None,
        fillcolor=with_alpha(color, 0.25),
        line={"color": color, "width": 1.8 if name == "eigenvalues" else 1.2},
        name=name,
        hovertemplate=f"{name}<br>λ %{{x:.4g}}<br>density %{{y:.4g}}<extra></extra>",
        uid=uid("esd", name),
    )


def _random(canvas: Canvas, layer: Any, edges: Any, scale: str) -> None:
    stored = getattr(layer, "randomized", None)
    values = spectra.positive(stored.values) if stored is not None else np.empty(0)
    if not values.size:
        return
    low, high = min(values[0], edges[0]), max(values[-1], edges[-1])
    bins = spectra.spaced(low, high, scale)
    count = np.histogram(values, bins)[0]
    heights = count / (count.sum() * np.diff(bins))
    _steps(canvas, bins, heights, NEUTRAL, "shuffled weights", scale)


def _bulk(canvas: Canvas, layer: Any, scale: str) -> None:
    mp = getattr(layer, "mp", None)
    edge = number(getattr(mp, "bulk_max", None))
    curve = spectra.marchenko_pastur(layer)
    if curve is not None:
        canvas.add(
            "scatter",
            x=numbers(curve[0]),
            y=numbers(np.where(curve[1] > 0, curve[1], np.nan)),
            mode="lines",
            name="random bulk",
            line={"color": PALETTE[2], "width": 2, "dash": "dashdot"},
            hovertemplate="Marchenko-Pastur density %{y:.4g}<extra></extra>",
            uid="bulk",
        )
    if math.isfinite(edge) and edge > 0:
        _mark(canvas, edge, "bulk ends", scale, PALETTE[2], "bottom")


def _power_law(canvas: Canvas, fit: Any, share: float, scale: str) -> None:
    alpha, xmin, xmax = (number(v) for v in (fit.alpha, fit.xmin, fit.xmax))
    if not (math.isfinite(alpha) and 0 < xmin < xmax):
        return
    x = np.geomspace(xmin, xmax, 30)
    canvas.add(
        "scatter",
        x=numbers(x),
        y=numbers(share * (alpha - 1) / xmin * (x / xmin) ** -alpha),
        mode="lines",
        line={"color": PALETTE[4], "width": 2.5, "dash": "dash"},
        name=f"power law, {fit.verdict}",
        hoverinfo="skip",
        uid="fit",
    )
    _mark(canvas, xmin, "xmin", scale, canvas.look.axis, "top")
    _mark(canvas, xmax, "xmax", scale, canvas.look.axis, "top", right=True)


def _mark(
    canvas: Canvas,
    x: float,
    word: str,
    scale: str,
    color: str,
    at: str,
    *,
    right: bool = False,
) -> None:
    canvas.rule(x=x, color=color, below=False)
    where = math.log10(x) if scale != "linear" else x
    anchor = {"xanchor": "right", "yref": "paper", "yanchor": at}
    high = 0.92 if right else 1
    canvas.text(f" {word} ", where, high if at == "top" else 0, **anchor)
