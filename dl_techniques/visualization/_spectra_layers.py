"""Spectra of all weights of a model, layer by layer."""

import math
from typing import Any

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
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

_WHY = "No weight spectrum yet: matrices need a short side of some size."


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
    rejected = any(not known(v) for layers in models.values() for v in layers)
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
    series = {n: exponents(layers) for n, layers in models.items()}
    _layers.draw(canvas, series, palette, unit="α")
    shade_good(canvas, "well trained")
    return canvas.y(rangemode="tozero").figure()


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
    series = metric_series(models, name)
    if not any(math.isfinite(v) for s in series.values() for v in s.values):
        return canvas.empty(_WHY)
    palette = colors or ColorMap.for_names(models)
    _layers.draw(canvas, series, palette, unit=unit)
    return canvas.y(rangemode="tozero").figure()
