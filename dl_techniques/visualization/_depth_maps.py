"""Images, the map that is true, the map that a model gives, and the error."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.utils.pixels import unpacked
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import number, shown
from dl_techniques.visualization._tiles import png, rgb
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import SEQUENTIAL
from dl_techniques.visualization.theme import Theme

_ROWS = ("image", "true", "predicted", "error")


def depth_maps_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws images above their true and predicted maps and the size of the error.

    Args:
        result: The record "DepthMaps" of a live snapshot.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "DepthMaps", "images", "true", "given", "error", "mae")
    errors, relative = list(found.mae), list(found.relative)
    canvas = Canvas(
        title or "Predicted maps",
        theme=theme,
        height=height,
        x="column",
        y="row",
        notes=(
            "from above: image with its mean error, true map, predicted map, size of "
            "the error; all in the unit of the data",
        ),
        revision="depth maps",
    )
    images = unpacked(found.images)
    n = min(len(images), len(errors))
    if not n:
        return canvas.empty("No map has been predicted yet.")
    words = [f"error {shown(e, 3)}" for e in errors[:n]]
    words = [
        f"{w}<br>{shown(100 * number(r), 3)} %"
        for w, r in zip(words, relative, strict=False)
    ]
    names = [*words, *[f"{row} {i + 1}" for row in _ROWS[1:] for i in range(n)]]
    size = max(420 // max(n, 3), 40)
    tall = int(size * min(images.shape[1] / images.shape[2], 1.6))
    canvas.panels(names, columns=n, row=tall, gap=0.02, between=20)
    low, high = number(found.low), number(found.high)
    maps = (
        ("true", unpacked(found.true), low, high),
        ("predicted", unpacked(found.given), low, high),
        ("error", unpacked(found.error), 0.0, number(found.largest)),
    )
    for i, image in enumerate(images[:n]):
        canvas.add(
            "image",
            source=png(rgb(image)[0]),
            name=f"image {i + 1}",
            hovertemplate=f"image {i + 1}<br>row %{{y}}, column %{{x}}: "
            "%{color}<extra></extra>",
            uid=f"image-{i}",
            **canvas.at(i),
        )
    for k, (name, pixels, start, end) in enumerate(maps, 1):
        for i in range(n):
            z = start + pixels[i, ..., 0].astype(np.float64) / 255 * (end - start)
            _heat(canvas, k * n + i, f"{name} {i + 1}", z, (start, end), name, i == 0)
    _plain_axes(canvas, 4 * n)
    canvas.legend, canvas.shortest, canvas.right = False, 0, 84
    return canvas.figure()


def _heat(
    canvas: Canvas,
    place: int,
    name: str,
    z: Any,
    ends: tuple[float, float],
    kind: str,
    first: bool,
) -> None:
    """Draws one map; predicted maps share the bar of the true ones."""
    axes = canvas.at(place)
    top = canvas.axes[f"yaxis{axes['yaxis'][1:]}"]["domain"]
    bar = {
        "title": {"text": "error" if kind == "error" else "value", "side": "right"},
        "y": sum(top) / 2,
        "len": (top[1] - top[0]) * 1.1,
        "x": 1.01,
        "xanchor": "left",
        "thickness": 10,
        "outlinewidth": 0,
        "nticks": 4,
    }
    canvas.add(
        "heatmap",
        z=np.round(z, 4),
        zmin=ends[0],
        zmax=ends[1],
        colorscale=SEQUENTIAL,
        showscale=first and kind != "predicted",
        colorbar=bar,
        name=name,
        hovertemplate=f"{name}<br>row %{{y}}, column %{{x}}: %{{z:.3g}}<extra></extra>",
        uid=name.replace(" ", "-"),
        **axes,
    )


def _plain_axes(canvas: Canvas, n: int) -> None:
    hidden = {"showticklabels": False, "showgrid": False, "title": {"text": ""}}
    hidden |= {"showline": False, "automargin": False, "ticks": ""}
    for i in range(n):
        s = "" if i == 0 else str(i + 1)
        canvas.axes[f"xaxis{s}"] |= hidden | {"constrain": "domain"}
        canvas.axes[f"yaxis{s}"] |= hidden | {"constrain": "domain"}
        canvas.axes[f"yaxis{s}"] |= {"autorange": "reversed", "scaleanchor": f"x{s}"}
