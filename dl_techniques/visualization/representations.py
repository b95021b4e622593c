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


def class_separation_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws how well layers (or models) keep the classes apart.

    Args:
        result: `ClassSeparation`, or several by layer or model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = by_name(result, "ClassSeparation", "scatter_ratio", "silhouette", "nc1")
    canvas = Canvas(
        title or "Separation of the classes",
        theme=theme,
        height=height,
        x="layer",
        y="silhouette",
        notes=flag_notes(found),
    )
    measures = {
        "silhouette": "silhouette (-1 to 1)",
        "nearest_mean_accuracy": "nearest-mean accuracy",
        "scatter_ratio": "between / within scatter",
        "nc1": "within-class collapse NC1",
    }
    values = {m: [number(getattr(f, m)) for f in found.values()] for m in measures}
    if not any(math.isfinite(v) for line in values.values() for v in line):
        return canvas.empty(reason(found, "Needs two classes with two rows each."))
    canvas.panels(list(measures.values()), x="layer", row=120, between=86)
    names = [n or "layer" for n in found]
    one = ColorMap.for_names([""])
    for i, (measure, words) in enumerate(measures.items()):
        count = [f"{len(f.classes)} classes" for f in found.values()]
        series = {"": Series(names, values[measure], count)}
        _layers.draw(canvas, series, one, unit=words, place=canvas.at(i))
    positive = all(v > 0 for m in ("scatter_ratio", "nc1") for v in values[m] if v == v)
    if positive and len(found) > 1:
        canvas.log("yaxis3", "yaxis4")
    return canvas.figure()


def gradient_flow_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the gradient's norm for every weight; an x marks a vanished one.

    Args:
        result: `GradientFlow`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "GradientFlow", "paths", "gradient_norm", "ratio")
    norms = {n: _finite(f.gradient_norm) for n, f in found.items()}
    zero = sum(int((v == 0).sum()) for v in norms.values())
    canvas = Canvas(
        title or "Gradients by weight",
        theme=theme,
        height=height,
        x="weight",
        y="gradient norm ‖∂L/∂W‖",
        notes=(
            *flag_notes(found),
            f"no gradient reaches {zero} weights" if zero else "",
        ),
        revision="gradients",
    )
    positive = [v[v > 0] for v in norms.values()]
    if not sum(map(len, positive)):
        return canvas.empty(reason(found, "No gradient has been computed yet."))
    floor = float(min(v.min() for v in positive if len(v)))
    palette = colors or ColorMap.for_names(found)
    series = {}
    for name, flow in found.items():
        shares = [number(v) for v in flow.zero_fraction]
        words = [
            f"‖g‖/‖w‖ {shown(r)}, {100 * z:.3g} % zeros"
            for r, z in zip(flow.ratio, shares, strict=True)
        ]
        value = [v if v > 0 else (floor if v == 0 else math.nan) for v in norms[name]]
        symbols = ["x" if v == 0 else "circle" for v in norms[name]]
        series[name] = Series(flow.paths, value, words, {"symbol": symbols})
    _layers.draw(canvas, series, palette, unit="gradient norm")
    return canvas.log("yaxis").figure()


def _finite(values: Any) -> Any:
    return np.asarray([number(v) for v in values], float)
