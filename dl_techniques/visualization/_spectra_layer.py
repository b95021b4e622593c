"""The spectrum of one weight."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.utils.validation import check_choice
from dl_techniques.visualization import _spectra_input as spectra
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._curves import thinned
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import number, numbers, shorten, shown, uid
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


def ks_figure(
    fit: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws distance and exponent against every place where the tail could start.

    Args:
        fit: A `PowerLawFit` made with `keep_curve=True`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(fit, "PowerLawFit", "alpha", "xmin", "D")
    curve = getattr(found, "curve", None)
    x_title = f"xmin, {_UNIT}"
    canvas = Canvas(
        title or f"Where the tail starts: {spectra.verdict(found)}",
        theme=theme,
        height=height,
        x=x_title,
        y="Kolmogorov-Smirnov distance D",
        notes=flag_notes(found, without=("NOT_POWER_LAW",)),
        revision="ks",
    )
    if curve is None or not np.isfinite(np.asarray(curve.D, float)).any():
        why = "No candidates were kept: fit with keep_curve=True."
        return canvas.empty(why if curve is None else reason(found, "No tail to fit."))
    axes = ("distance D", "exponent α")
    canvas.panels(axes, columns=1, x=x_title, y=axes, row=130)
    for i, (name, values) in enumerate((("D", curve.D), ("alpha", curve.alpha))):
        x, y = thinned(np.asarray(curve.xmin, float), np.asarray(values, float), 400)
        canvas.add(
            "scatter",
            x=numbers(x),
            y=numbers(y),
            mode="lines",
            name=axes[i],
            line={"color": PALETTE[0 if i == 0 else 4], "width": 1.6},
            hovertemplate=f"xmin %{{x:.4g}}: {name} %{{y:.4g}}<extra></extra>",
            **{"uid": name, "showlegend": False, **canvas.at(i)},
        )
        value = number(found.D if i == 0 else found.alpha)
        canvas.add(
            "scatter",
            x=numbers([found.xmin]),
            y=numbers([value]),
            mode="markers",
            marker={"symbol": "star", "size": 12, "color": canvas.look.text},
            name=f"chosen, k {found.num_pl_spikes}",
            showlegend=i == 0,
            hovertemplate=f"chosen: {shown(value)}<extra></extra>",
            **{"uid": f"chosen-{name}", **canvas.at(i)},
        )
    canvas.log("xaxis", "xaxis2")
    high = np.asarray(curve.alpha, float)
    top = np.nanquantile(high[np.isfinite(high)], 0.97)
    canvas.axes["yaxis2"]["range"] = [1, max(float(top), number(found.alpha)) * 1.1]
    canvas.legend = True
    return canvas.figure()


def ccdf_figure(
    layer: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the share of the tail above each eigenvalue, with the fitted law.

    Args:
        layer: A `LayerSpectrum`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(layer, "LayerSpectrum", "fit", "path", "spectrum")
    fit = found.fit
    canvas = Canvas(
        title or f"Tail of {shorten(found.path)}: {spectra.verdict(fit)}",
        theme=theme,
        height=height,
        x=_UNIT,
        y="share of the tail at or above",
        notes=flag_notes(fit, without=("NOT_POWER_LAW",)),
        revision=f"ccdf {found.path}",
    )
    alpha, xmin = number(fit.alpha), number(fit.xmin)
    values: Any = spectra.positive(found.spectrum.values)
    tail: Sequence[float] = values[values >= xmin] if math.isfinite(xmin) else []
    if not len(tail) or not math.isfinite(alpha):
        return canvas.empty(reason(fit, "There is no tail that could be fitted."))
    share = 1 - np.arange(len(tail)) / len(tail)
    x, y = thinned(np.asarray(tail), share, 300)
    canvas.add(
        "scatter",
        x=numbers(x),
        y=numbers(y),
        mode="markers",
        name="eigenvalues",
        marker={"color": PALETTE[0], "size": 5},
        hovertemplate="%{y:.4g} of the tail at or above %{x:.4g}<extra></extra>",
        uid="ccdf",
    )
    x = np.geomspace(xmin, tail[-1], 30)
    canvas.add(
        "scatter",
        x=numbers(x),
        y=numbers((x / xmin) ** (1 - alpha)),
        mode="lines",
        line={"color": PALETTE[4], "width": 2.5, "dash": "dash"},
        name=f"power law, {fit.verdict}",
        hoverinfo="skip",
        uid="fit",
    )
    return canvas.log("xaxis", "yaxis").figure()
