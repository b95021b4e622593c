"""Eigenvalues of weight matrices and their power laws."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization._view import expect, view
from dl_techniques.visualization.colors import PALETTE, ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme, resolve

_BINS = 40
_SYMBOL = {"good": "circle", "over-trained": "triangle-down"}
_SYMBOL |= {"under-trained": "triangle-up", "unknown": "circle-open"}


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
    heading = title or "Power-law exponent α by layer"
    models = {n: _layers(r) for n, r in _named(result).items()}
    if not any(models.values()):
        why = "No weight spectrum yet: matrices need a short side of some size."
        return _figure.nothing(heading, why, theme=theme, height=height)
    fig = _figure.figure(heading, theme=theme, height=height, x="layer", y="α")
    fig.add_hrect(
        **{
            "y0": 2,
            "y1": 6,
            "fillcolor": with_alpha(PALETTE[2], 0.12),
            "line_width": 0,
        },
        annotation_text="well trained: 2 to 6",
        annotation_position="top left",
    )
    palette = colors or ColorMap.for_names(models)
    for name, layers in models.items():
        _exponents(fig, name, layers, palette.color(name))
    fig.update_yaxes(rangemode="tozero")
    return fig


def _named(result: Any) -> dict[str, Any]:
    if isinstance(result, Mapping) and "layers" not in result:
        return {str(k): v for k, v in result.items()}
    return {"": result}


def _layers(result: Any) -> tuple[Any, ...]:
    if isinstance(result, list | tuple):
        return tuple(view(v) for v in result)
    return tuple(view(v) for v in expect(result, "SpectralReport", "layers").layers)


def _exponents(fig: go.Figure, name: str, layers: tuple[Any, ...], color: str) -> None:
    raw = [layer.fit.reported_alpha for layer in layers]
    alpha = [math.nan if a is None else float(a) for a in raw]
    size = [6 + 2.2 * math.log10(max(int(layer.n_parameters), 1)) for layer in layers]
    drawn = [a if math.isfinite(a) else 0.0 for a in alpha]
    symbols = [_SYMBOL.get(layer.fit.quality, "circle") for layer in layers]
    symbols = [
        s if math.isfinite(a) else "circle-open"
        for s, a in zip(symbols, alpha, strict=True)
    ]
    verdicts = [
        f"{layer.fit.verdict}, {layer.fit.quality}<br>"
        f"{int(layer.n_parameters):,} parameters, k {layer.fit.num_pl_spikes}"
        for layer in layers
    ]
    fig.add_scatter(
        x=[_figure.shorten(layer.path) for layer in layers],
        y=_figure.numbers(drawn),
        mode="markers+lines" if len(layers) > 1 else "markers",
        line={"color": with_alpha(color, 0.35), "width": 1},
        marker={"color": color, "size": size, "symbol": symbols},
        name=_figure.shorten(name) or "layers",
        showlegend=bool(name),
        customdata=[
            [_figure.escape(layer.path), text, "no power law" if a != a else f"{a:.4g}"]
            for layer, text, a in zip(layers, verdicts, alpha, strict=True)
        ],
        hovertemplate="%{customdata[0]}<br>α %{customdata[2]}<br>"
        "%{customdata[1]}<extra></extra>",
        uid=f"alpha-{name}",
    )


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
    found = expect(layer, "LayerSpectrum", "fit", "path")
    name = _figure.shorten(found.path)
    edges, density, share = _density(found, scale)
    heading = title or f"Eigenvalues of {name}: {_verdict(found.fit)}"
    if not len(density):
        why = "This weight has no positive eigenvalue."
        return _figure.nothing(heading, why, theme=theme, height=height)
    fig = _figure.figure(
        *(heading,), theme=theme, height=height, x="eigenvalue of WᵀW", y="density"
    )
    color = PALETTE[0]
    fig.add_scatter(
        x=_figure.numbers(np.repeat(edges, 2)[1:-1]),
        y=_figure.numbers(
            np.where(np.repeat(density, 2) > 0, np.repeat(density, 2), np.nan)
        ),
        **{"mode": "lines", "fill": "tozeroy" if scale != "loglog" else None},
        line={"color": color, "shape": "linear"},
        name="eigenvalues",
        hovertemplate="eigenvalue %{x:.4g}<br>density %{y:.4g}<extra></extra>",
        uid="esd",
    )
    if "fit" in show:
        _power_law(fig, found.fit, share, theme)
    if "mp" in show:
        _edge(fig, getattr(found, "mp", None), theme)
    if scale != "linear":
        fig.update_xaxes(type="log", exponentformat="power")
    if scale == "loglog":
        fig.update_yaxes(type="log", exponentformat="power")
    return fig


def _verdict(fit: Any) -> str:
    alpha = math.nan if fit.reported_alpha is None else fit.reported_alpha
    if math.isfinite(alpha):
        return (
            f"α {alpha:.2f} ± {_number(fit.sigma):.2f}, D {_number(fit.D):.2f}, "
            f"k {fit.num_pl_spikes}"
        )
    return f"not a power law (K {_number(fit.K):.2f})"


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _density(layer: Any, scale: str) -> tuple[Any, Any, float]:
    """Returns edges, density over positive eigenvalues, and the tail's share."""
    stored = getattr(layer, "histogram", None)
    if stored is not None:
        edges = np.asarray(stored.edges, float)
        count = np.asarray(stored.counts, float)
    else:
        values = np.asarray(layer.spectrum.values, float)
        values = values[values > max(values[-1] * 1e-12, 0)] if values.size else values
        if not values.size:
            return np.empty(0), np.empty(0), math.nan
        low, high = values[0], values[-1] * (1 + 1e-9)
        low = low if low < high else low * 0.9
        spaced = np.linspace if scale == "linear" else np.geomspace
        count, edges = np.histogram(values, spaced(low, high, _BINS + 1))
    total = count.sum()
    density = count / (total * np.diff(edges)) if total else np.empty(0)
    return edges, density, layer.fit.num_pl_spikes / total if total else math.nan


def _power_law(fig: go.Figure, fit: Any, share: float, theme: Any) -> None:
    alpha, xmin, xmax = (_number(v) for v in (fit.alpha, fit.xmin, fit.xmax))
    if not (math.isfinite(alpha) and 0 < xmin < xmax):
        return
    x = np.geomspace(xmin, xmax, 30)
    fig.add_scatter(
        x=_figure.numbers(x),
        y=_figure.numbers(share * (alpha - 1) / xmin * (x / xmin) ** -alpha),
        mode="lines",
        line={"color": PALETTE[4], "width": 2.5, "dash": "dash"},
        name=f"power law, {fit.verdict}",
        hoverinfo="skip",
        uid="fit",
    )
    fig.add_vline(x=xmin, line_color=resolve(theme).axis, line_dash="dot", line_width=1)


def _edge(fig: go.Figure, mp: Any, theme: Any) -> None:
    if mp is None or not math.isfinite(_number(mp.bulk_max)):
        return
    fig.add_vline(
        x=_number(mp.bulk_max),
        line_color=PALETTE[2],
        line_dash="dashdot",
        line_width=1.5,
        annotation_text="random bulk ends",
        annotation_position="top",
    )
