"""What layers represent, and how gradients reach them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._fingerprint import fingerprint_figure
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._heat import matrix_figure, rows_of
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._points import classes_scatter
from dl_techniques.visualization._separation import (
    class_separation_figure,
    gradient_flow_figure,
)
from dl_techniques.visualization._text import number, shown
from dl_techniques.visualization._view import by_name, expect
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

__all__ = [
    "cka_figure",
    "class_separation_figure",
    "fingerprint_figure",
    "gradient_flow_figure",
    "information_flow_figure",
    "pca_scatter_figure",
]


def cka_figure(
    names_a: Any,
    names_b: Sequence[str] | None = None,
    matrix: Any = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the CKA between the layers of two models, or of one with itself.

    Args:
        names_a: Layers of the rows; or a `CKAMatrix`, and nothing else.
        names_b: Layers of the columns.
        matrix: `(rows, columns)`; unbiased values below 0 are shown as they are.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    notes: tuple[str, ...] = ()
    if matrix is None:
        found = expect(names_a, "CKAMatrix", "names_a", "names_b", "matrix")
        names_a, names_b, matrix = found.names_a, found.names_b, found.matrix
        notes = flag_notes(found)
    return matrix_figure(
        matrix,
        (names_a, names_b),
        title or "Similarity of layers (linear CKA)",
        unit="CKA",
        axes=("layer", "layer"),
        limits=(0.0, 1.0),
        look={"theme": theme, "height": height, "notes": notes},
        why="No layers to compare yet.",
    )


def pca_scatter_figure(
    projection: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws samples on their two main axes, coloured and shaped by class.

    Args:
        projection: `PCAProjection`.
        labels: `(n,)` class numbers.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(projection, "PCAProjection", "scores", "explained_ratio")
    scores = rows_of(found.scores)
    share = [number(v) for v in found.explained_ratio] + [math.nan] * 2
    axes = [f"component {i + 1} ({shown(100 * share[i], 3)} %)" for i in range(2)]
    canvas = Canvas(
        title or "Samples on their main axes",
        theme=theme,
        height=height,
        x=axes[0],
        y=axes[1],
        notes=flag_notes(found),
        revision="pca",
    )
    if not len(scores) or not scores.shape[1] or not np.isfinite(scores).any():
        return canvas.empty(reason(found, "No samples to project yet."))
    if scores.shape[1] == 1:
        scores = np.column_stack([scores, np.zeros(len(scores))])
    classes_scatter(canvas, scores[:, :2], labels, class_names)
    canvas.body = 330
    return canvas.figure()


def information_flow_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws rank, similarity, probe accuracy and norm ratio along the layers.

    Args:
        result: `InformationFlow`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "InformationFlow", "layers", "effective_rank")
    canvas = Canvas(
        title or "Along the layers",
        theme=theme,
        height=height,
        x="layer",
        y="effective rank",
        notes=flag_notes(found),
    )
    measures = ("effective_rank", "cka_last", "probe_accuracy", "norm_ratio")
    known = any(
        np.isfinite(np.asarray(getattr(f, m), float)).any()
        for f in found.values()
        for m in measures
    )
    if not known:
        return canvas.empty(reason(found, "No layer has been looked at yet."))
    titles = (
        *("effective rank", "CKA with the last layer", "linear probe accuracy"),
        "norm / norm before",
    )
    canvas.panels(titles, x="layer", row=120, between=86)
    palette = colors or ColorMap.for_names(found)
    for i, measure in enumerate(measures):
        series = {
            n: Series(f.layers, [number(v) for v in getattr(f, measure)], _words(f))
            for n, f in found.items()
        }
        place = canvas.at(i)
        _layers.draw(
            *(canvas, series, palette),
            unit=titles[i],
            place=place,
            showlegend=i == 0,
        )
        canvas.axes[f"yaxis{i + 1 if i else ''}"]["rangemode"] = "tozero"
    return canvas.figure()


def _words(flow: Any) -> list[str]:
    return [f"rank ceiling {shown(c)}, {flow.n} samples" for c in flow.ceiling]
