"""Histograms of many layers side by side."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import escape, numbers, shorten, uid
from dl_techniques.visualization.colors import with_alpha
from dl_techniques.visualization.theme import Theme


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
    columns: int = 3,
    log_count: bool = False,
    notes: Iterable[str] = (),
    why: str = "Nothing to draw yet.",
) -> go.Figure:
    """Draws the panels in rows; counts are shown as shares of the values."""
    canvas = Canvas(
        heading,
        theme=theme,
        height=height,
        x=x,
        y="share of values",
        notes=notes,
    )
    if not panels:
        return canvas.empty(why)
    titles = [
        f"{shorten(p.name, 20)}<br>{escape(p.note)}" if p.note else shorten(p.name, 20)
        for p in panels
    ]
    columns = 2 if len(panels) in (2, 4) else columns
    canvas.panels(titles, columns=columns, x=x, row=100, gap=0.1, between=76)
    seen: set[str] = set()
    for i, panel in enumerate(panels):
        s = "" if i == 0 else str(i + 1)
        canvas.axes[f"xaxis{s}"] |= {"nticks": 4}
        shares = {"tickformat": ".0%", "nticks": 4, "rangemode": "tozero"}
        if log_count:
            shares = {"type": "log", "nticks": 4, "tickformat": ".1~%"}
        canvas.axes[f"yaxis{s}"] |= shares
        for trace in panel.traces:
            _draw(canvas, panel, trace, i, seen)
    if log_count:
        for i in range(1, len(panels)):
            canvas.axes[f"yaxis{i + 1}"]["matches"] = "y"
    canvas.legend = any(len(p.traces) > 1 for p in panels)
    return canvas.figure()


def _draw(
    canvas: Canvas,
    panel: Panel,
    trace: tuple[str, Any, Any, str],
    i: int,
    seen: set[str],
) -> None:
    label, edges, counts, color = trace
    edge = np.asarray(edges, float)
    count = np.nan_to_num(np.asarray(counts, float))
    if count.sum() <= 0 or len(edge) != len(count) + 1:
        return
    share = count / count.sum()
    alone = len(panel.traces) == 1
    canvas.add(
        "scatter",
        x=numbers((edge[1:] + edge[:-1]) / 2, 4),
        y=numbers(share, 3),
        mode="lines",
        line={"color": color, "shape": "hvh", "width": 1.5},
        fill="tozeroy" if alone else None,
        fillcolor=with_alpha(color, 0.3),
        customdata=count.tolist(),
        name=shorten(label) or "share of values",
        legendgroup=label,
        showlegend=label not in seen,
        hovertemplate=f"{escape(panel.name)}<br>%{{x:.4g}}: %{{y:.2%}}, "
        "%{customdata:.4g} values<extra></extra>",
        uid=uid(panel.name, label),
        **canvas.at(i),
    )
    seen.add(label)
