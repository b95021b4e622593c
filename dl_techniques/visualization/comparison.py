"""Predictions against labels."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization.theme import Theme


def confusion_figure(
    matrix: Any,
    class_names: Sequence[str] | None = None,
    *,
    normalize: Literal["true", "pred", "all"] | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws how often each class was taken for each; class 0 is at the top.

    Args:
        matrix: `(classes, classes)` counts, rows are the true classes.
        class_names: Names of the classes.
        normalize: Shares of the row, the column or of everything.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    counts = np.asarray(matrix, dtype=np.float64)
    heading = title or "Confusion of classes"
    if counts.size == 0 or not np.nansum(counts):
        why = "No labelled predictions yet."
        return _figure.nothing(heading, why, theme=theme, height=height)
    n = len(counts)
    names = [_figure.shorten(str(c)) for c in class_names or range(n)]
    total = {
        "true": counts.sum(axis=1, keepdims=True),
        "pred": counts.sum(axis=0, keepdims=True),
        "all": counts.sum(),
    }.get(normalize or "", np.ones(()))
    total = np.broadcast_to(total, counts.shape)
    shown = np.full(counts.shape, np.nan)
    np.divide(counts, total, out=shown, where=total > 0)
    form = "%{z:.2f}" if normalize else "%{z:.0f}"
    fig = _figure.figure(
        heading, theme=theme, height=height or 420, x="predicted", y="true"
    )
    fig.add_heatmap(
        z=[_figure.numbers(row, 4) for row in shown],
        x=names,
        y=names,
        colorscale="Cividis",
        customdata=counts.tolist(),
        texttemplate=form if n <= 20 else None,
        hovertemplate="true %{y}, predicted %{x}<br>%{customdata:.0f} rows, "
        "%{z:.4g}<extra></extra>",
        colorbar={"thickness": 10, "title": {"text": "share" if normalize else "rows"}},
        uid="confusion",
    )
    fig.update_xaxes(type="category", showgrid=False)
    fig.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return fig
