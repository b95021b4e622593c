"""Histograms of many layers side by side."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization.colors import with_alpha
from dl_techniques.visualization.theme import Theme, resolve


class Panel(NamedTuple):
    """One small histogram: name, note, and traces of (label, edges, counts, colour)."""

    name: str
    note: str
    traces: Sequence[tuple[str, Any, Any, str]]


def panels_figure(
    heading: str,
    panels: Sequence[Panel],
    x: str,
    *,
    theme: Theme | str | None = None,
    height: int | None = None,
    columns: int = 4,
    log_count: bool = False,
) -> go.Figure:
    """Draws the panels in rows; counts are shown as shares of the values."""
    columns = min(columns, max(len(panels), 1))
    rows = math.ceil(len(panels) / columns)
    fig = _figure.figure(
        heading, theme=theme, height=height or 90 + 170 * rows, revision=heading
    )
    look = resolve(theme)
    layout: dict[str, Any] = {}
    for i, panel in enumerate(panels):
        row, column = divmod(i, columns)
        suffix = "" if i == 0 else str(i + 1)
        width, tall = 1 / columns, 1 / rows
        left, top = column * width, 1 - row * tall
        axis = {"gridcolor": look.grid, "zeroline": False, "nticks": 4}
        right = left + width * 0.86
        layout[f"xaxis{suffix}"] = axis | {
            "domain": [left, right],
            "anchor": f"y{suffix}",
            "title": {"text": x if row == rows - 1 else "", "standoff": 4},
        }
        layout[f"yaxis{suffix}"] = axis | {
            "domain": [max(top - tall * 0.68, 0), top - tall * 0.16],
            "anchor": f"x{suffix}",
            "tickformat": ".0%",
            "type": "log" if log_count else "linear",
        }
        _draw(fig, panel, suffix, show_legend=i == 0)
        fig.add_annotation(
            text=f"{_figure.shorten(panel.name, 24)}<br><sub>{panel.note}</sub>",
            **{"x": left, "y": top, "xref": "paper", "yref": "paper"},
            **{"xanchor": "left", "yanchor": "top", "align": "left"},
            showarrow=False,
            hovertext=_figure.escape(panel.name),
        )
    several = any(len(p.traces) > 1 for p in panels)
    fig.update_layout(
        **layout,
        showlegend=several,
        margin={"l": 48, "r": 8, "t": 48, "b": 44},
        legend={"y": 1.0, "x": 1, "xanchor": "right", "yanchor": "bottom"},
    )
    return fig


def _draw(fig: go.Figure, panel: Panel, suffix: str, *, show_legend: bool) -> None:
    for label, edges, counts, color in panel.traces:
        edge, count = np.asarray(edges, float), np.asarray(counts, float)
        if count.sum() <= 0 or len(edge) != len(count) + 1:
            continue
        share = count / count.sum()
        fig.add_scatter(
            x=_figure.numbers((edge[1:] + edge[:-1]) / 2, 4),
            y=_figure.numbers(share, 3),
            mode="lines",
            line={"color": color, "shape": "hvh", "width": 1.5},
            fill="tozeroy" if len(panel.traces) == 1 else None,
            fillcolor=with_alpha(color, 0.3),
            xaxis=f"x{suffix}",
            yaxis=f"y{suffix}",
            name=_figure.shorten(label) or "share of values",
            legendgroup=label,
            showlegend=show_legend,
            hovertemplate="%{x:.4g}: %{y:.2%}<extra></extra>",
            uid=f"{panel.name}-{label}",
        )
