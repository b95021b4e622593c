"""What the layers of a model put out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._activation_maps import (
    activation_heatmap_figure,
    dead_units_figure,
    feature_map_figure,
)
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._small_multiples import Panel, panels_figure
from dl_techniques.visualization._text import number, shown
from dl_techniques.visualization._view import expect, view
from dl_techniques.visualization.colors import PALETTE, ColorMap
from dl_techniques.visualization.theme import Theme

__all__ = [
    "activation_heatmap_figure",
    "activation_histograms_figure",
    "activation_stats_figure",
    "dead_units_figure",
    "feature_map_figure",
]


def records_of(report: Any) -> tuple[tuple[str, Any], ...]:
    """Returns (path, statistics) of an `ActivationReport` or a mapping of stats."""
    if isinstance(report, Mapping) and "layers" not in report:
        found = [(str(k), view(v)) for k, v in report.items()]
    else:
        layers = expect(report, "ActivationReport", "layers").layers
        found = [(v.path, getattr(v, "stats", v)) for v in map(view, layers)]
    for _, stats in found:
        expect(stats, "ActivationStats", "mean", "std")
    return tuple(found)


def activation_histograms_figure(
    report: Any,
    layers: Sequence[str] | None = None,
    *,
    max_layers: int = 12,
    log_count: bool = False,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the histogram of each layer's output.

    Args:
        report: `ActivationReport`, or `ActivationStats` by layer.
        layers: Names of the layers to draw; by default the first ones.
        max_layers: Most layers drawn.
        log_count: Whether shares are on a logarithmic axis, the same for all.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.

    Raises:
        ValueError: If one of `layers` is not in the report.
    """
    known = dict(records_of(report))
    unknown = [n for n in layers or () if n not in known]
    if unknown:
        raise ValueError(f"`layers` must be among {list(known)}. Received: {unknown}")
    chosen = [n for n in layers or known if np.sum(known[n].histogram.counts) > 0]
    shown_layers = chosen[:max_layers]
    panels = [
        Panel(n, _words(known[n]), [("", *_histogram(known[n]), PALETTE[0])])
        for n in shown_layers
    ]
    note = f"the first {len(panels)} of {len(chosen)} layers"
    notes = (note,) if len(panels) < len(chosen) else ()
    return panels_figure(
        *(title or "Outputs of the layers", panels, "output"),
        theme=theme,
        height=height,
        log_count=log_count,
        notes=(*notes, *flag_notes(report)),
        why=reason(report, "No layer has been looked at yet."),
    )


def _words(stats: Any) -> str:
    dead = number(stats.dead_fraction)
    more = f", {dead:.0%} dead" if dead > 0 else ""
    return f"{shown(stats.mean, 2)} ± {shown(stats.std, 2)}{more}"


def _histogram(stats: Any) -> tuple[Any, Any]:
    return stats.histogram.edges, stats.histogram.counts


def activation_stats_figure(
    report: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws mean and spread, sparsity and the share of dead units by layer.

    Args:
        report: `ActivationReport`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models = _models(report)
    canvas = Canvas(
        title or "Outputs by layer",
        theme=theme,
        height=height,
        x="layer",
        y="output, mean ± std",
        notes=flag_notes(report),
        revision="activation stats",
    )
    means = [number(s.mean) for r in models.values() for _, s in r]
    if not np.isfinite(means).any():
        return canvas.empty(reason(report, "No layer has been looked at yet."))
    titles = ("mean ± standard deviation", "near zero", "dead units")
    units = ("output", "share of values", "share of units")
    canvas.panels(titles, columns=1, x="layer", y=units, row=105, between=34)
    palette = colors or ColorMap.for_names(models)
    for i, name in enumerate(("mean", "sparsity", "dead_fraction")):
        series = {n: _series(records, name) for n, records in models.items()}
        place = canvas.at(i)
        first = len(canvas.traces)
        _layers.draw(
            *(canvas, series, palette),
            unit=titles[i],
            place=place,
            showlegend=i == 0,
        )
        if i == 0:
            _spread(canvas, first, models)
        if i < 2:
            canvas.axes[f"xaxis{i + 1 if i else ''}"] |= {"showticklabels": False}
    for axis in ("yaxis2", "yaxis3"):
        canvas.axes[axis] |= {"tickformat": ".0%", "rangemode": "tozero", "nticks": 4}
    return canvas.figure()


def _spread(canvas: Canvas, first: int, models: Mapping[str, Any]) -> None:
    for trace, records in zip(canvas.traces[first:], models.values(), strict=True):
        spread = [number(s.std) for _, s in records]
        array = np.nan_to_num(spread).tolist()
        error = {"type": "data", "array": array, "width": 3, "thickness": 1}
        trace["error_y"] = error | {"color": trace["marker"]["color"]}


def _models(report: Any) -> dict[str, tuple[tuple[str, Any], ...]]:
    inner = next(iter(report.values()), None) if isinstance(report, Mapping) else None
    several = hasattr(inner, "layers") or (
        isinstance(inner, Mapping) and "layers" in inner
    )
    if several and "layers" not in report:
        return {str(k): records_of(v) for k, v in report.items()}
    return {"": records_of(report)}


def _series(records: tuple[tuple[str, Any], ...], name: str) -> Series:
    words = [
        f"mean {shown(s.mean)}, std {shown(s.std)}<br>{shown(s.count)} values"
        for _, s in records
    ]
    values = [number(getattr(s, name)) for _, s in records]
    return Series([n for n, _ in records], values, words)
