"""The tail of one spectrum."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _spectra_input as spectra
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._curves import thinned
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import number, numbers, shorten, shown
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

_UNIT = "eigenvalue of WᵀW"


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
