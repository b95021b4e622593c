"""Models placed by their weights."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._heat import rows_of
from dl_techniques.visualization._text import (
    distinct,
    escape,
    number,
    numbers,
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

_NAMED = 8


def fingerprint_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws models as points: near ones have similar weight statistics.

    Args:
        result: `FingerprintPCA`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = expect(result, "FingerprintPCA", "names", "scores", "explained_ratio")
    ratio = [] if found.explained_ratio is None else list(found.explained_ratio)
    share = [shown(100 * number(v), 3) for v in [*ratio, None, None][:2]]
    canvas = Canvas(
        title or "Models by their weight statistics",
        theme=theme,
        height=height,
        x=f"component 1 ({share[0]} %)",
        y=f"component 2 ({share[1]} %)",
        notes=flag_notes(found),
        revision="fingerprint",
    )
    scores = rows_of([] if found.scores is None else found.scores)
    if not np.isfinite(scores).any():
        return canvas.empty(reason(found, "Needs two models with the same layers."))
    palette = colors or ColorMap.for_names(found.names)
    few = len(found.names) <= _NAMED
    short = distinct(found.names, 18)
    for name, words, place in zip(found.names, short, scores, strict=False):
        x, y = place[0], place[1] if len(place) > 1 else 0.0
        canvas.add(
            "scatter",
            x=numbers([x]),
            y=numbers([y]),
            mode="markers+text" if few else "markers",
            text=[shorten(words, 18)],
            textposition="top center",
            cliponaxis=False,
            marker={"size": 11, "color": palette.color(name)},
            customdata=[len(found.layers)],
            hovertemplate=f"{escape(name)}<br>%{{x:.4g}}, %{{y:.4g}}<br>"
            "%{customdata} layers compared<extra></extra>",
            name=shorten(name),
            uid=uid("model", name),
        )
    canvas.legend = not few
    return canvas.figure()
