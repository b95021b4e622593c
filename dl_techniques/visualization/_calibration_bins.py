"""The parts of a reliability diagram."""

from typing import Any

import numpy as np

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import escape, numbers, shorten, shown, uid
from dl_techniques.visualization.colors import with_alpha

Place = dict[str, str]


def diagonal(canvas: Canvas, place: Place | None = None, key: str = "diagonal") -> None:
    """Draws where confidence equals accuracy."""
    line = {"color": canvas.look.axis, "dash": "dot", "width": 1.5}
    canvas.add(
        "scatter",
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line=line,
        name="perfectly calibrated",
        hoverinfo="skip",
        uid=key,
        **place or {},
    )


def band(
    canvas: Canvas, diagram: Any, place: Place | None = None, key: str = "band"
) -> None:
    """Shades what chance gives a calibrated model."""
    if not hasattr(diagram, "band_low"):
        return
    columns = (diagram.table.mean_confidence, diagram.band_low, diagram.band_high)
    rows = zip(*(numbers(c) for c in columns), strict=False)
    kept = [row for row in rows if None not in row]
    if len(kept) < 2:
        return
    x, low, high = (list(v) for v in zip(*kept, strict=True))
    canvas.add(
        "scatter",
        x=x + x[::-1],
        y=high + low[::-1],
        fill="toself",
        fillcolor=with_alpha("#888888", 0.22),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        name="range by chance",
        uid=key,
        **place or {},
    )


def curve(
    canvas: Canvas,
    name: str,
    diagram: Any,
    look: tuple[str, str],
    gaps: bool = True,
    place: Place | None = None,
) -> None:
    """Draws accuracy at the mean confidence of the bins that are not empty."""
    table = diagram.table
    count = np.nan_to_num(np.asarray(table.count, dtype=float))
    keep = np.flatnonzero(count > 0)
    x = numbers(np.asarray(table.mean_confidence, float)[keep])
    y = numbers(np.asarray(table.accuracy, float)[keep])
    label = f"{shorten(name)} ECE {shown(diagram.ece, 3)}" if name else "model"
    start = f"{escape(name)}<br>" if name else ""
    canvas.add(
        "scatter",
        x=x,
        y=y,
        mode="lines+markers",
        name=label,
        customdata=count[keep].tolist(),
        marker={"size": 7, "color": look[0]},
        line={"color": look[0], "dash": look[1]},
        error_y=_gaps(x, y, look[0]) if gaps else None,
        hovertemplate=f"{start}confidence %{{x:.4g}}<br>accuracy %{{y:.4g}}<br>"
        "%{customdata:.4g} rows<extra></extra>",
        uid=uid("bins", name),
        **place or {},
    )


def _gaps(x: list[Any], y: list[Any], color: str) -> dict[str, Any]:
    """Returns bars from each marker to the diagonal."""
    gap = [(a or 0) - (b or 0) for a, b in zip(x, y, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(g, 0) for g in gap],
        "arrayminus": [max(-g, 0) for g in gap],
        **{"width": 0, "thickness": 5, "color": with_alpha(color, 0.35)},
    }


def counts(canvas: Canvas, name: str, diagram: Any, color: str, models: int) -> None:
    """Draws the rows of each bin on the second vertical axis."""
    edges = np.asarray(diagram.table.edges, dtype=float)
    count = numbers(diagram.table.count)
    middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    if not np.isfinite(edges).all():
        return
    canvas.add(
        *("bar" if models == 1 else "scatter",),
        x=numbers(middle),
        y=count,
        **_filled(color, width) if models == 1 else _stepped(color),
        yaxis="y2",
        name=shorten(name) or "rows",
        showlegend=False,
        hovertemplate="%{y:.4g} rows<extra></extra>",
        uid=uid("rows", name),
    )


def _filled(color: str, width: Any) -> dict[str, Any]:
    return {"width": numbers(width * 0.92), "marker": {"color": with_alpha(color, 0.6)}}


def _stepped(color: str) -> dict[str, Any]:
    return {"mode": "lines", "line": {"shape": "hvh", "color": color, "width": 1.5}}
