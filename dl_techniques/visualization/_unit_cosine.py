"""Angles and lengths of the units' weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._heat import float_matrix, matrix_figure
from dl_techniques.visualization._text import (
    number,
    numbers,
    shown,
)
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

_BINS = 40


def unit_cosine_figure(
    cosines: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the cosine between the output vectors of every two units.

    Args:
        cosines: `(units, units)`; the diagonal is left out. Or a `DirectionStats`:
            then the lengths of the vectors are drawn, and the cosines summed up.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    look: dict[str, Any] = {"theme": theme, "height": height}
    if hasattr(cosines, "mean_abs_cosine") or isinstance(cosines, Mapping):
        return _lengths(expect(cosines, "DirectionStats", "norms"), title, look)
    array = float_matrix(cosines).copy()
    n = min(array.shape)
    array[np.arange(n), np.arange(n)] = np.nan
    return matrix_figure(
        array,
        (None, None),
        title or "Cosine between the units",
        unit="cosine",
        axes=("unit", "unit"),
        diverging=True,
        look=look,
        why="Needs two units of some length.",
    )


def _lengths(stats: Any, title: str | None, look: dict[str, Any]) -> go.Figure:
    norms = np.asarray(stats.norms, float)
    norms = norms[np.isfinite(norms)]
    words = (
        f"|cosine| between units: mean {shown(stats.mean_abs_cosine, 3)}, "
        f"largest {shown(stats.max_abs_cosine, 3)}; "
        f"{shown(100 * number(stats.duplicate_fraction), 3)} % of the pairs above 0.9"
    )
    heading = title or "Lengths of the units' weights"
    notes = (words, *flag_notes(stats)) if len(norms) else ()
    canvas = Canvas(heading, x="‖w‖ of a unit", y="units", notes=notes, **look)
    if not len(norms):
        return canvas.empty(reason(stats, "Needs two units of some length."))
    high = float(norms.max()) or 1.0
    count, edges = np.histogram(norms, np.linspace(0, high * 1.001, _BINS + 1))
    canvas.add(
        "bar",
        x=numbers((edges[1:] + edges[:-1]) / 2),
        y=count.tolist(),
        marker={"color": PALETTE[1]},
        hovertemplate="‖w‖ %{x:.4g}: %{y} units<extra></extra>",
        name="units",
        uid="units",
    )
    canvas.extra["bargap"] = 0.05
    return canvas.figure()
