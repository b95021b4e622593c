"""What all figures share: layout, text, numbers."""

import html
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization.theme import Theme, resolve

DIGITS = 5
LONGEST_NAME = 28


def numbers(values: Any, digits: int = DIGITS) -> list[float | None]:
    """Returns rounded numbers; what is not finite becomes a gap."""
    array = np.asarray([math.nan if v is None else v for v in values], dtype=np.float64)
    return [
        float(f"{v:.{digits}g}") if math.isfinite(v) else None for v in array.tolist()
    ]


def escape(text: str) -> str:
    """Makes text safe where plotly reads HTML."""
    return html.escape(str(text), quote=False)


def shorten(name: str, longest: int = LONGEST_NAME) -> str:
    """Cuts the middle out of a long name and escapes it."""
    if len(name) > longest:
        left = (longest - 1) // 2
        name = f"{name[:left]}…{name[len(name) - (longest - 1 - left) :]}"
    return escape(name)


def figure(
    title: str,
    *,
    theme: Theme | str | None = None,
    height: int | None = None,
    x: str = "",
    y: str = "",
    revision: str = "",
    notes: Iterable[str] = (),
) -> go.Figure:
    """Returns an empty figure with title, axis titles and the theme's colours."""
    look = resolve(theme)
    fig = go.Figure()
    under = "<br>".join(f"<sub>{escape(n)}</sub>" for n in notes)
    axis = {
        "gridcolor": look.grid,
        "showgrid": look.show_grid,
        "zeroline": False,
        "linecolor": look.axis,
        "automargin": True,
    }
    fig.update_layout(
        template=None,
        title={
            "text": f"{title}<br>{under}" if under else title,
            "x": 0,
            "xref": "paper",
        }
        | {"font": {"size": look.font_size + 3}, "yanchor": "top", "y": 0.97},
        height=height or 340,
        margin={"l": 56, "r": 16, "t": 84 if under else 64, "b": 48},
        paper_bgcolor=look.paper,
        plot_bgcolor=look.paper,
        font={"color": look.text, "size": look.font_size},
        legend={
            **{"orientation": "h", "x": 1, "xanchor": "right"},
            **{"y": 1, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        },
        xaxis=axis | {"title": {"text": x}},
        yaxis=axis | {"title": {"text": y}},
        hovermode="closest",
        uirevision=revision or title,
    )
    return fig


def nothing(
    title: str,
    reason: str,
    *,
    theme: Theme | str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Returns a figure that says in words why there is nothing to draw."""
    fig = figure(title, theme=theme, height=height)
    fig.update_xaxes(visible=False)
    fig.update_yaxes(visible=False)
    fig.add_annotation(
        text=escape(reason), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
    )
    return fig


def reference(fig: go.Figure, theme: Theme | str | None, **shape: Any) -> None:
    """Draws a thin reference line."""
    line = {"color": resolve(theme).axis, "width": 1, "dash": "dot"}
    fig.add_shape(type="line", line=line, layer="below", **shape)
