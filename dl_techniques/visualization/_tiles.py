"""Small pictures in a grid."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._heat import averaged
from dl_techniques.visualization._text import shorten
from dl_techniques.visualization.colors import SEQUENTIAL

_MOST_CELLS = 24_000  # of all tiles together


def rgb(image: Any) -> tuple[Any, bool]:
    """Returns `(h, w, 3)` uint8 and whether the range had to be stretched.

    Floats in [0, 1] and uint8 are taken as they are; everything else from its
    smallest to its largest finite value.
    """
    array = np.asarray(image)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3):
        shape = np.shape(image)
        raise ValueError(f"`images` must be (h, w[, 1 or 3]). Received shape: {shape}")
    if array.dtype == np.uint8:
        return np.repeat(array, 4 - array.shape[-1], -1)[..., :3], False
    values = array.astype(np.float64)
    finite = np.isfinite(values)
    low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0, 1)
    stretched = bool(low < 0 or high > 1)
    if stretched:
        values = (values - low) / (high - low if high > low else 1)
    shown = np.where(finite, values, 0.5)
    shown = np.round(np.clip(shown, 0, 1) * 255).astype(np.uint8)
    return np.repeat(shown, 4 - array.shape[-1], -1)[..., :3], stretched


def png(image: Any) -> str:
    """Returns `(h, w, 3)` uint8 as a data address that a figure can show."""
    import base64
    import struct
    import zlib

    height, width, _ = image.shape
    raw = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(image))

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 6))
    coded = b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(coded).decode("ascii")


def tiles_figure(
    tiles: Sequence[Any],
    names: Sequence[str],
    heading: str,
    *,
    notes: Iterable[str] = (),
    look: dict[str, Any],
    why: str,
    diverging: bool = False,
    pictures: bool = False,
    columns: int | None = None,
) -> go.Figure:
    """Draws tiles in rows; each in its own range unless they are pictures.

    Args:
        tiles: `(h, w)` values, or `(h, w, 3)` uint8 pictures.
        names: One a tile; written above it and shown on hovering.
        heading: Title.
        notes: Lines under it.
        look: Theme and height.
        why: Reason when there is no tile.
        diverging: Whether the colour is centred at 0.
        pictures: Whether the tiles are pictures.
        columns: Tiles in a row.
    """
    canvas = Canvas(heading, x="column", y="row", notes=notes, **look)
    if not any(np.size(t) and np.isfinite(np.asarray(t, float)).any() for t in tiles):
        return canvas.empty(why)
    columns = columns or max(math.ceil(math.sqrt(len(tiles) * 1.6)), 1)
    columns = min(columns, len(tiles))
    side = int(math.sqrt(_MOST_CELLS / len(tiles)))
    size = max(420 // columns, 40)
    longest = max(size // 6, 6)
    words = ["<br>".join(shorten(p, longest) for p in n.split("\n")) for n in names]
    lines = max(len(n.split("\n")) for n in names)
    tall = size * min(tiles[0].shape[0] / max(tiles[0].shape[1], 1), 1.6)
    between = 6 + 14 * lines
    canvas.panels(words, columns=columns, row=int(tall), gap=0.02, between=between)
    for i, tile in enumerate(tiles):
        drawn = _picture(tile) if pictures else _values(tile, side, diverging)
        hover = drawn.pop("hover")
        canvas.add(
            drawn.pop("kind"),
            **drawn,
            name=shorten(names[i]),
            hovertemplate=f"{shorten(names[i])}<br>row %{{y}}, column %{{x}}: {hover}"
            "<extra></extra>",
            uid=f"tile-{i}",
            **canvas.at(i),
        )
        s = "" if i == 0 else str(i + 1)
        hidden = {"showticklabels": False, "showgrid": False, "title": {"text": ""}}
        hidden |= {"showline": False, "automargin": False, "ticks": ""}
        canvas.axes[f"xaxis{s}"] |= hidden | {"constrain": "domain"}
        canvas.axes[f"yaxis{s}"] |= hidden | {"constrain": "domain"}
        canvas.axes[f"yaxis{s}"] |= {"autorange": "reversed", "scaleanchor": f"x{s}"}
    canvas.legend, canvas.shortest = False, 0
    return canvas.figure()


def _values(tile: Any, side: int, diverging: bool) -> dict[str, Any]:
    small, _ = averaged(np.asarray(tile, float), max(side, 4))
    finite = np.abs(small[np.isfinite(small)])
    limit = float(finite.max()) if finite.size else 1.0
    ends = {"zmin": -limit, "zmax": limit} if diverging else {}
    return {
        **{"kind": "heatmap", "z": small.astype(np.float32), "showscale": False},
        "colorscale": "RdBu" if diverging else SEQUENTIAL,
        "reversescale": diverging,
        **ends,
        "hover": "%{z:.4g}",
    }


def _picture(tile: Any) -> dict[str, Any]:
    return {"kind": "image", "source": png(tile), "hover": "%{color}"}
