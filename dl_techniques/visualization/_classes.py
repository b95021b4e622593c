"""Predictions class by class."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._curves import Points, pr_points, roc_points
from dl_techniques.visualization._text import (
    class_name,
    escape,
    numbers,
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization.colors import NEUTRAL, color, dash, with_alpha
from dl_techniques.visualization.theme import Theme

_NAMED, _WORST = 10, 3
Curve = Callable[[Any, Any], Points | None]


def roc_figure(
    labels: Any,
    scores: Any,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the ROC curve of every class against the rest.

    A class without a row is skipped and named. Above ten classes only the three with
    the smallest area are named; the others are grey.

    Args:
        labels: `(n,)` class numbers.
        scores: `(n, classes)`, or `(n,)` of class 1.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    canvas = Canvas(
        title or "ROC curves, one class against the rest",
        theme=theme,
        height=height,
        x="false positive rate",
        y="true positive rate",
    )
    drawn = _curves(canvas, labels, scores, class_names, roc_points, "area")
    if not drawn:
        return canvas.empty("Needs labelled predictions of at least two classes.")
    canvas.rule(x0=0, y0=0, x1=1, y1=1)
    return _square(canvas)


def pr_figure(
    labels: Any,
    scores: Any,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws precision against recall of every class against the rest.

    A class without a row is skipped and named. Above ten classes only the three with
    the smallest average precision are named; the others are grey.

    Args:
        labels: `(n,)` class numbers.
        scores: `(n, classes)`, or `(n,)` of class 1.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    canvas = Canvas(
        title or "Precision and recall, one class against the rest",
        theme=theme,
        height=height,
        x="recall",
        y="precision",
    )
    drawn = _curves(canvas, labels, scores, class_names, pr_points, "AP")
    if not drawn:
        return canvas.empty("Needs labelled predictions of at least two classes.")
    return _square(canvas)


def _square(canvas: Canvas) -> go.Figure:
    canvas.x(range=[0, 1]).y(range=[0, 1.02])
    canvas.legend = True
    canvas.body = 290
    return canvas.figure()


def _curves(
    canvas: Canvas, labels: Any, scores: Any, names: Any, make: Curve, word: str
) -> bool:
    p, y = np.asarray(scores, float), np.ravel(np.asarray(labels))
    if p.ndim == 1 or p.shape[-1] == 1:
        p, classes = p.reshape(-1, 1), [1]
    else:
        classes = list(range(p.shape[-1]))
    if len(p) != len(y):
        raise ValueError(
            "`labels` must be one a row of `scores`. "
            f"Received: {len(y)} labels, scores of shape {np.shape(scores)}"
        )
    found = {k: make(p[:, i], y == k) for i, k in enumerate(classes)}
    known = {k: v for k, v in found.items() if v is not None}
    if not known:
        return False
    title = {k: class_name(names, k) for k in classes}
    absent = [title[k] for k in classes if k not in known]
    few = f"{', '.join(absent[:6])}{' …' if len(absent) > 6 else ''}"
    canvas.notes += [f"no row (or nothing else) of {few}"] if absent else []
    worst = sorted(known, key=lambda k: known[k].area)[:_WORST]
    many = len(known) > _NAMED
    canvas.notes += (
        [f"named: the {_WORST} of {len(known)} classes with the smallest {word}"]
        if many
        else []
    )
    step = max(len(known) * 60 // 2400, 1) if many else 1
    for k in sorted(known, key=lambda k: k in worst):
        grey = many and k not in worst
        _draw(canvas, known[k], (k, title[k], word), step if grey else 1, grey=grey)
    return True


def _draw(
    canvas: Canvas,
    curve: Points,
    words: tuple[int, str, str],
    step: int,
    *,
    grey: bool,
) -> None:
    k, name, word = words
    shade = with_alpha(NEUTRAL, 0.35) if grey else color(k)
    keep = np.unique(np.append(np.arange(0, len(curve.x), step * 3), len(curve.x) - 1))
    keep = keep if grey else np.arange(len(curve.x))
    canvas.add(
        "scatter",
        x=numbers(curve.x[keep], 4),
        y=numbers(curve.y[keep], 4),
        mode="lines",
        line={"color": shade, "dash": dash(k), "width": 1 if grey else 2},
        name=f"{shorten(name, 20)}, {word} {shown(curve.area, 3)}",
        showlegend=not grey,
        hovertemplate=f"{escape(name)}, {word} {shown(curve.area)}<br>"
        "%{x:.4g}, %{y:.4g}<extra></extra>",
        uid=uid("class", k),
    )
