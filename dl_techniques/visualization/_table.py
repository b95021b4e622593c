"""Tables of models, and tables behind figures."""

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import distinct, number, shorten, shown
from dl_techniques.visualization.theme import Theme


def model_table(frame: Any) -> tuple[list[str], dict[str, list[float]]]:
    """Returns the models and the numeric columns of a models x metrics table."""
    import pandas as pd

    table = frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame).T
    if not isinstance(frame, pd.DataFrame) and not hasattr(frame, "items"):
        raise TypeError(f"expected models x metrics, got {type(frame).__name__}")
    if "model" in table.columns:
        table = table.set_index("model")
    columns = {}
    for name in table.columns:
        values = pd.to_numeric(table[name], errors="coerce")
        if values.notna().any() or not len(table):
            columns[str(name)] = [number(v) for v in values.astype(float)]
    return [str(m) for m in table.index], columns


def ranking_table_figure(
    frame: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws a table of models, as given: ranks, or metrics.

    Args:
        frame: Models x ranks.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    models, ranks = model_table(frame)
    canvas = Canvas(
        title or "Ranks of the models",
        theme=theme,
        height=height,
        x="metric",
        y="model",
    )
    known = [v for values in ranks.values() for v in values if math.isfinite(v)]
    if not models or not known:
        return canvas.empty("No model to rank yet.")
    look = canvas.look
    words = [[shown(v) if math.isfinite(v) else "-" for v in c] for c in ranks.values()]
    best = [np.nanmin(c) if np.isfinite(c).any() else math.nan for c in ranks.values()]
    bold = [
        [f"<b>{w}</b>" if v == b else w for w, v in zip(ws, vs, strict=True)]
        for ws, vs, b in zip(words, ranks.values(), best, strict=True)
    ]
    line = {"color": look.grid, "width": 1}
    clear = {"color": "rgba(0,0,0,0)"}
    font = {"color": look.text, "size": look.font_size}
    cell = {"line": line, "fill": clear, "font": font}
    canvas.add(
        "table",
        header={
            "values": ["model", *(shorten(r.replace("_", " "), 18) for r in ranks)],
            "align": "left",
            **cell,
        },
        cells={
            "values": [[shorten(m, 24) for m in distinct(models, 24)], *bold],
            "height": 26,
            **cell,
            "align": ["left", *["right"] * len(ranks)],
        },
        columnwidth=[1.6, *[1] * len(ranks)],
        name="ranks",
        uid="ranks",
    )
    canvas.axes = {}
    canvas.body, canvas.shortest = 40 + 27 * len(models), 0
    return canvas.figure()
