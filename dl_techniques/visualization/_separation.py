"""Classes kept apart, and gradients that arrive."""

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _layers
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._text import number, shown
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme


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
    total = sum(map(len, norms.values()))
    canvas = Canvas(
        title or "Gradients by weight",
        theme=theme,
        height=height,
        x="weight",
        y="gradient norm ‖∂L/∂W‖",
        notes=(
            *flag_notes(found),
            f"no gradient: {zero} of {total} weights" if zero else "",
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
