"""Spectra of all weights of a model, layer by layer."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._spectra_input import metric, models_of
from dl_techniques.visualization._text import number, numbers, shorten, shown, uid
from dl_techniques.visualization.colors import PALETTE, ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme

_WHY = "No weight spectrum yet: matrices need a short side of some size."
_SYMBOL = {"good": "circle", "over-trained": "triangle-down"}
_SYMBOL |= {"under-trained": "triangle-up", "unknown": "circle-open"}
_BINS = 24
Models = Mapping[str, tuple[Any, ...]]


def alpha_by_layer_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the power-law exponent of each layer; good ones lie between 2 and 6.

    A layer whose fit was rejected is hollow at the bottom.

    Args:
        result: A `SpectralReport` or its layers, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models = models_of(result)
    rejected = any(not _known(v) for layers in models.values() for v in layers)
    canvas = Canvas(
        title or "Power-law exponent α by layer",
        theme=theme,
        height=height,
        x="layer",
        y="exponent α",
        notes=(*flag_notes(result), "hollow at 0: not a power law" if rejected else ""),
        revision="alpha by layer",
    )
    if not any(models.values()):
        return canvas.empty(_WHY)
    palette = colors or ColorMap.for_names(models)
    series = {n: _exponents(layers) for n, layers in models.items()}
    _layers.draw(canvas, series, palette, unit="α")
    _good(canvas, "well trained")
    return canvas.y(rangemode="tozero").figure()


def _good(canvas: Canvas, words: str = "", n: int = 0) -> None:
    """Shades the exponents of well-trained layers."""
    s = "" if n == 0 else str(n + 1)
    area = {"xref": f"x{s} domain", "yref": f"y{s}"}
    canvas.band(2, 6, with_alpha(PALETTE[2], 0.13), **area)
    if words:
        where = {"xref": "paper", "xanchor": "left", "textangle": -90}
        canvas.text(words, 1, 4, **where)
        canvas.right = 28


def _known(layer: Any) -> bool:
    return math.isfinite(number(layer.fit.reported_alpha))


def _exponents(layers: tuple[Any, ...]) -> Series:
    marker = {
        "size": [5 + 1.8 * math.log10(max(int(v.n_parameters), 1)) for v in layers],
        "symbol": [
            _SYMBOL.get(v.fit.quality, "circle") if _known(v) else "circle-open"
            for v in layers
        ],
    }
    words = [
        f"{v.fit.verdict if _known(v) else 'not a power law'}, {v.fit.quality}<br>"
        f"{int(v.n_parameters):,} parameters, k {v.fit.num_pl_spikes}"
        for v in layers
    ]
    alpha = [number(v.fit.reported_alpha) if _known(v) else 0.0 for v in layers]
    return Series([v.path for v in layers], alpha, words, marker)


def _metric_series(models: Models, name: str) -> dict[str, Series]:
    return {
        model: Series(
            [v.path for v in layers],
            [metric(v, name) for v in layers],
            [f"{int(v.n_parameters):,} parameters" for v in layers],
        )
        for model, layers in models.items()
    }


def stable_rank_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the stable rank of each layer: the sum of eigenvalues over the largest.

    Args:
        result: A `SpectralReport` or its layers, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    heading = title or "Stable rank by layer"
    look: dict[str, Any] = {"theme": theme, "height": height}
    unit = "stable rank (dimensions)"
    return _one_metric(result, "stable_rank", heading, unit, colors, look)


def spectral_norm_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the largest eigenvalue of each layer: the squared 2-norm of its matrix.

    Args:
        result: A `SpectralReport` or its layers, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    heading = title or "Largest eigenvalue by layer"
    look: dict[str, Any] = {"theme": theme, "height": height}
    unit = "largest eigenvalue of WᵀW"
    fig = _one_metric(result, "spectral_norm", heading, unit, colors, look)
    if fig.data:
        fig.layout.yaxis.type = "log"
    return fig


def _one_metric(
    result: Any,
    name: str,
    heading: str,
    unit: str,
    colors: ColorMap | None,
    look: dict[str, Any],
) -> go.Figure:
    models = models_of(result)
    canvas = Canvas(heading, x="layer", y=unit, notes=flag_notes(result), **look)
    series = _metric_series(models, name)
    if not any(math.isfinite(v) for s in series.values() for v in s.values):
        return canvas.empty(_WHY)
    palette = colors or ColorMap.for_names(models)
    _layers.draw(canvas, series, palette, unit=unit)
    return canvas.y(rangemode="tozero").figure()


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
    exponents = {n: _exponents(layers) for n, layers in models.items()}
    _layers.draw(canvas, exponents, palette, unit="α", place=canvas.at(0))
    for i, name in enumerate(("stable_rank", "spectral_norm", "entropy"), 1):
        series = _metric_series(models, name)
        at, unit = canvas.at(i), titles[i]
        _layers.draw(canvas, series, palette, unit=unit, place=at, showlegend=False)
    for s in ("", "2", "4"):
        canvas.axes[f"yaxis{s}"]["rangemode"] = "tozero"
    _good(canvas)
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
        n: np.asarray([number(v.fit.reported_alpha) for v in layers if _known(v)])
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
