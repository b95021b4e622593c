"""Matrices as coloured cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import escape
from dl_techniques.visualization.colors import DIVERGING, SEQUENTIAL

LARGEST, NUMBERED = 160, 20


def float_matrix(matrix: Any) -> Any:
    """Returns a `(rows, columns)` float64 array; None becomes NaN."""
    array = np.asarray(matrix, dtype=object if _has_none(matrix) else np.float64)
    array = np.where(array == None, np.nan, array) if array.dtype == object else array  # noqa: E711  # elementwise
    array = np.asarray(array, dtype=np.float64)
    return array if array.ndim == 2 else rows_of(array)


def rows_of(array: Any) -> Any:
    """Returns `(rows, columns)` of an array of any shape, also an empty one."""
    found = np.asarray(array, np.float64)
    return found.reshape(len(found), -1) if found.size else np.empty((0, 0))


def _has_none(matrix: Any) -> bool:
    return not isinstance(matrix, np.ndarray) and any(
        v is None for r in matrix for v in r
    )


def averaged(matrix: Any, largest: int = LARGEST) -> tuple[Any, str]:
    """Returns block means of a large matrix, and a note that says so."""
    steps = [max(-(-n // largest), 1) for n in matrix.shape]
    if steps == [1, 1]:
        return matrix, ""
    rows, columns = (-(-n // s) * s for n, s in zip(matrix.shape, steps, strict=True))
    filled = np.full((rows, columns), np.nan)
    filled[: matrix.shape[0], : matrix.shape[1]] = matrix
    blocks = filled.reshape(rows // steps[0], steps[0], columns // steps[1], steps[1])
    known = np.isfinite(blocks)
    total = np.where(known, blocks, 0).sum(axis=(1, 3))
    count = known.sum(axis=(1, 3))
    means = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    shape = " x ".join(map(str, matrix.shape))
    return means, f"{shape} values, each cell the mean of {steps[0]} x {steps[1]}"


def matrix_figure(
    matrix: Any,
    names: tuple[Sequence[Any] | None, Sequence[Any] | None],
    heading: str,
    *,
    unit: str,
    axes: tuple[str, str],
    limits: tuple[float | None, float | None] = (None, None),
    diverging: bool = False,
    look: dict[str, Any],
    why: str = "No values to compare yet.",
    number: str = ".2f",
    counts: Any = None,
    longest: int = 20,
) -> go.Figure:
    """Draws a matrix; row 0 is at the top.

    Args:
        matrix: `(rows, columns)`.
        names: Of the rows and columns; None numbers them.
        heading: Title.
        unit: What the colour means.
        axes: Titles of the horizontal and vertical axis.
        limits: Of the colour; None is the data's.
        diverging: Whether the colour is centred at 0.
        look: Theme, height and notes.
        why: Reason for an empty matrix.
        number: Format of the numbers in the cells.
        counts: `(rows, columns)` shown on hovering.
        longest: Letters of a row's name.
    """
    array = float_matrix(matrix)
    small, note = averaged(array)
    notes = [*look.pop("notes", ()), note]
    canvas = Canvas(heading, x=axes[0], y=axes[1], notes=notes, **look)
    if not np.isfinite(array).any():
        return canvas.empty(why)
    limit = float(np.nanmax(np.abs(small)))
    low, high = (-limit, limit) if diverging else limits
    rows, columns = small.shape
    scale = {"zmin": low, "zmax": high}
    if limits[0] is not None and limits[1] is None and not diverging:
        scale["zmax"] = max(float(np.nanmax(array)), limits[0] + 1e-12)
    canvas.add(
        "heatmap",
        z=small.astype(np.float32),
        **{k: v for k, v in scale.items() if v is not None},
        colorscale=DIVERGING if diverging else SEQUENTIAL,
        reversescale=diverging,
        **(
            {"customdata": np.asarray(counts, np.float32)} if counts is not None else {}
        ),
        texttemplate=f"%{{z:{number}}}" if max(rows, columns) <= NUMBERED else None,
        **_hover(names, note, axes, counts is not None),
        colorbar={"thickness": 10, "outlinewidth": 0, "ticklen": 3}
        | {"title": {"text": unit, "side": "right"}},
        **{"xgap": 1, "ygap": 1} if max(rows, columns) <= NUMBERED else {},
        name=unit,
        uid="matrix",
    )
    canvas.body = int(np.clip(22 * rows + 40, 240, 420))
    if not note:
        canvas.ticks(list(names[1] or range(columns)), most=24)
        canvas.ticks(
            list(names[0] or range(rows)), axis="yaxis", most=30, longest=longest
        )
    canvas.x(showgrid=False, range=[-0.5, columns - 0.5])
    return canvas.y(showgrid=False, range=[rows - 0.5, -0.5]).figure()


def _hover(
    names: tuple[Sequence[Any] | None, Sequence[Any] | None],
    note: str,
    axes: tuple[str, str],
    counted: bool,
) -> dict[str, Any]:
    row, column = "%{y}", "%{x}"
    more: dict[str, Any] = {}
    if names[0] and names[1] and not note and len(names[0]) * len(names[1]) <= 900:
        more["text"] = [
            [f"{escape(a)}, {escape(b)}" for b in names[1]] for a in names[0]
        ]
        where = "%{text}"
    else:
        where = f"{axes[1]} {row}, {axes[0]} {column}"
    count = "<br>%{customdata:.4g} rows" if counted else ""
    return {**more, "hovertemplate": f"{where}<br>%{{z:.4g}}{count}<extra></extra>"}
