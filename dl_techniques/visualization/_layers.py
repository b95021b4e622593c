"""Values layer by layer, of one model or several."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import escape, numbers, shorten, uid
from dl_techniques.visualization.colors import ColorMap, with_alpha


class Series(NamedTuple):
    """A value a layer: names, values, words for hovering, and marker looks."""

    layers: Sequence[str]
    values: Sequence[float]
    words: Sequence[str] = ()
    marker: Mapping[str, Any] = {}


def places(models: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Returns the place of each layer on the axis.

    A layer that earlier models lack goes in before the next one that they have, so
    that a line runs from left to right wherever the models' orders allow.
    """
    order: list[str] = []
    for layers in models.values():
        before = len(order)
        for name in reversed(layers):
            if name not in order:
                order.insert(before, name)
            before = order.index(name)
    return {name: i for i, name in enumerate(order)}


def draw(
    canvas: Canvas,
    models: Mapping[str, Series],
    colors: ColorMap,
    *,
    unit: str,
    place: Mapping[str, str] | None = None,
    label: Callable[[str], str] = lambda name: shorten(name) or "layers",
    showlegend: bool = True,
) -> None:
    """Draws a marker a layer, joined by a thin line, and names the layers."""
    at = places({n: s.layers for n, s in models.items()})
    for name, series in models.items():
        color = colors.color(name)
        many = sum(math.isfinite(v) for v in series.values) > 1
        words = series.words or [""] * len(series.layers)
        head = f"{escape(name)}<br>" if name else ""
        canvas.add(
            "scatter",
            x=[at[n] for n in series.layers],
            y=numbers(series.values),
            mode="markers+lines" if many else "markers",
            line={"color": with_alpha(color, 0.4), "width": 1.2}
            | {"dash": colors.dash(name)},
            marker={"color": color, "size": 8, **series.marker},
            name=label(name),
            legendgroup=name,
            showlegend=bool(name) and showlegend,
            customdata=[
                [escape(n), w] for n, w in zip(series.layers, words, strict=True)
            ],
            hovertemplate=f"{head}%{{customdata[0]}}<br>{unit} %{{y:.4g}}"
            "<br>%{customdata[1]}<extra></extra>",
            uid=uid(unit, name, (place or {}).get("xaxis", "x")),
            **place or {},
        )
    axis = (place or {}).get("xaxis", "x").replace("x", "xaxis")
    in_panel = place is not None and len(canvas.axes) > 2
    few, room = (8, 24) if in_panel else (24, 48)
    canvas.ticks(list(at), axis=axis, most=few, room=room)
