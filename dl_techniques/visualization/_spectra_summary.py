"""All spectra of a model at a glance."""

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes
from dl_techniques.visualization._spectra_input import models_of
from dl_techniques.visualization._spectra_series import (
    exponents,
    known,
    metric_series,
    shade_good,
)
from dl_techniques.visualization._text import number, numbers, shorten, shown, uid
from dl_techniques.visualization.colors import PALETTE, ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme

_WHY = "No weight spectrum yet: matrices need a short side of some size."
_BINS = 24


def spectral_summary_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws exponent, stable rank, largest eigenvalue and entropy by layer.

    Args:
        result: A `SpectralReport` or its layers, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models = models_of(result)
    canvas = Canvas(
        title or "Weight spectra by layer",
        theme=theme,
        height=height,
        x="layer",
        y="exponent α",
        notes=flag_notes(result),
    )
    if not any(models.values()):
        return canvas.empty(_WHY)
    titles = ("exponent α", "stable rank", "largest eigenvalue", "entropy / ln rank")
    canvas.panels(titles, x="layer", row=130, between=86)
    palette = colors or ColorMap.for_names(models)
    alphas = {n: exponents(layers) for n, layers in models.items()}
    _layers.draw(canvas, alphas, palette, unit="α", place=canvas.at(0))
    for i, name in enumerate(("stable_rank", "spectral_norm", "entropy"), 1):
        series = metric_series(models, name)
        at, unit = canvas.at(i), titles[i]
        _layers.draw(canvas, series, palette, unit=unit, place=at, showlegend=False)
    for s in ("", "2", "4"):
        canvas.axes[f"yaxis{s}"]["rangemode"] = "tozero"
    shade_good(canvas)
    return canvas.log("yaxis3").figure()


def alpha_histogram_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws how many layers have which exponent.

    Args:
        result: A `SpectralReport` or its layers, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models = models_of(result)
    alphas = {
        n: np.asarray([number(v.fit.reported_alpha) for v in layers if known(v)])
        for n, layers in models.items()
    }
    every = np.concatenate([*alphas.values(), np.empty(0)])
    total = sum(map(len, models.values()))
    canvas = Canvas(
        title or "Exponents of the layers",
        theme=theme,
        height=height,
        x="exponent α",
        y="layers",
        notes=(f"{total - len(every)} of {total} layers: not a power law",)
        if len(every) < total
        else (),
        revision="alpha histogram",
    )
    if not len(every):
        return canvas.empty(_WHY if not total else "No layer follows a power law.")
    edges = np.linspace(0, max(8.0, math.ceil(float(every.max()))), _BINS + 1)
    palette = colors or ColorMap.for_names(models)
    for name, values in alphas.items():
        count = np.histogram(values, edges)[0]
        label, mean = shorten(name) or "layers", shown(np.mean(values), 3)
        canvas.add(
            "bar",
            x=numbers((edges[1:] + edges[:-1]) / 2),
            y=count.tolist(),
            name=f"{label}, mean {mean}" if len(values) else label,
            marker={"color": palette.color(name), "opacity": 0.85},
            hovertemplate=f"{label}<br>α %{{x:.3g}}: %{{y}} layers<extra></extra>",
            uid=uid("alphas", name),
        )
    fill = with_alpha(PALETTE[2], 0.13)
    canvas.band(0, 1, fill, x0=2, x1=6, xref="x", yref="paper")
    where = {"yref": "paper", "xanchor": "center", "yanchor": "bottom"}
    canvas.text("well trained: 2 to 6", 4, 1, **where)
    canvas.extra |= {
        "barmode": "group" if len(models) <= 3 else "stack",
        "bargap": 0.05,
    }
    return canvas.figure()
