"""Confidence against what came true."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap, with_alpha
from dl_techniques.visualization.theme import Theme, resolve


def reliability_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    show_counts: bool = True,
    show_band: bool = True,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws accuracy at mean confidence, the diagonal, and the rows of each bin.

    Args:
        result: A `ReliabilityDiagram`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        show_counts: Whether a histogram of the rows lies below.
        show_band: Whether the range of a calibrated model is shaded (one model only).
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "ReliabilityDiagram", "table", "ece")
    heading = title or "Reliability"
    filled = {n: d for n, d in found.items() if sum(d.table.count) > 0}
    if not filled:
        why = "No predictions to compare with labels yet."
        return _figure.nothing(heading, why, theme=theme, height=height)
    if title is None and len(filled) == 1:
        heading = f"Reliability, ECE {next(iter(filled.values())).ece:.3f}"
    fig = _figure.figure(
        heading, theme=theme, height=height or 380, x="confidence", y="accuracy"
    )
    palette = colors or ColorMap.for_names(filled)
    if show_band and len(filled) == 1:
        _band(fig, next(iter(filled.values())), theme)
    line = {"color": resolve(theme).axis, "dash": "dot", "width": 1.5}
    fig.add_scatter(
        **{"x": [0, 1], "y": [0, 1], "mode": "lines", "line": line},
        name="perfectly calibrated",
        hoverinfo="skip",
        uid="diagonal",
    )
    for name, diagram in filled.items():
        _bins(fig, name, diagram, palette.color(name), show_counts, len(filled))
    bottom = 0.3 if show_counts else 0.0
    fig.update_xaxes(range=[0, 1])
    fig.update_yaxes(range=[0, 1], domain=[bottom, 1])
    if show_counts:
        fig.update_layout(yaxis2=_count_axis(theme), xaxis={"anchor": "y2"})
    return fig


def _band(fig: go.Figure, diagram: Any, theme: Any) -> None:
    if not hasattr(diagram, "band_low"):
        return
    x = _figure.numbers(diagram.table.mean_confidence)
    low, high = _figure.numbers(diagram.band_low), _figure.numbers(diagram.band_high)
    kept = [
        (a, b, c)
        for a, b, c in zip(x, low, high, strict=False)
        if None not in (a, b, c)
    ]
    if len(kept) < 2:
        return
    xs, lows, highs = (list(v) for v in zip(*kept, strict=True))
    fig.add_scatter(
        x=xs + xs[::-1],
        y=highs + lows[::-1],
        fill="toself",
        fillcolor=with_alpha("#888888", 0.2),
        line={"width": 0},
        mode="lines",
        name="range by chance",
        hoverinfo="skip",
        uid="band",
    )


def _bins(
    fig: go.Figure, name: str, diagram: Any, color: str, counts: bool, models: int
) -> None:
    table = diagram.table
    count = np.asarray(table.count, dtype=float)
    keep = np.flatnonzero(count > 0)
    x = [v for i, v in enumerate(_figure.numbers(table.mean_confidence)) if i in keep]
    y = [v for i, v in enumerate(_figure.numbers(table.accuracy)) if i in keep]
    label = f"{_figure.shorten(name)} ECE {diagram.ece:.3f}" if name else "model"
    fig.add_scatter(
        **{"x": x, "y": y, "mode": "lines+markers", "name": label},
        customdata=count[keep].tolist(),
        marker={"size": 9, "color": color},
        line={"color": color},
        error_y=_gaps(x, y, color) if models == 1 else None,
        hovertemplate="confidence %{x:.4g}<br>accuracy %{y:.4g}<br>"
        "%{customdata:.4g} rows<extra></extra>",
        uid=f"bins-{name}",
    )
    if counts:
        edges = np.asarray(table.edges, dtype=float)
        fig.add_bar(
            x=_figure.numbers((edges[1:] + edges[:-1]) / 2),
            y=_figure.numbers(count),
            width=_figure.numbers(np.diff(edges) * 0.92),
            marker={"color": with_alpha(color, 0.55)},
            yaxis="y2",
            showlegend=False,
            hovertemplate="%{y:.4g} rows<extra></extra>",
            uid=f"rows-{name}",
        )


def _gaps(x: list[Any], y: list[Any], color: str) -> dict[str, Any]:
    """Returns bars from each marker to the diagonal."""
    gap = [a - b for a, b in zip(x, y, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(g, 0) for g in gap],
        "arrayminus": [max(-g, 0) for g in gap],
        "width": 0,
        "thickness": 5,
        "color": with_alpha(color, 0.35),
    }


def _count_axis(theme: Any) -> dict[str, Any]:
    look = resolve(theme)
    return {
        "domain": [0, 0.2],
        "title": {"text": "rows"},
        "gridcolor": look.grid,
        "nticks": 3,
        "zeroline": False,
        "automargin": True,
        "rangemode": "tozero",
    }
