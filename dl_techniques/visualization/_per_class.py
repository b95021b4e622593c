"""Scores and examples class by class."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import (
    class_name,
    escape,
    number,
    numbers,
    shown,
)
from dl_techniques.visualization._tiles import rgb, tiles_figure
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme


def per_class_figure(
    report: Any,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws precision, recall and f1 of each class, worst f1 at the top.

    Args:
        report: `ClassificationReport`.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(report, "ClassificationReport", "precision", "recall", "f1")
    f1 = np.asarray([number(v) for v in found.f1])
    support = np.nan_to_num([number(v) for v in found.support])
    order = np.argsort(np.where(np.isfinite(f1), f1, np.inf), kind="stable")
    most = 40
    note = f"the {most} worst of {len(order)} classes" if len(order) > most else ""
    order = order[:most]
    canvas = Canvas(
        title or f"Classes, macro f1 {shown(found.macro_f1, 3)}",
        theme=theme,
        height=height,
        x="share (0 to 1)",
        y="class",
        notes=(*flag_notes(found), note),
        revision="per class",
    )
    measures = (("precision", "circle", 0), ("recall", "square", 1), ("f1", "star", 2))
    known = [number(v) for m, *_ in measures for v in getattr(found, m)]
    if not any(map(math.isfinite, known)):
        return canvas.empty(reason(found, "No labelled predictions yet."))
    names = [class_name(class_names, int(k)) for k in order]
    for measure, symbol, place in measures:
        values = np.asarray([number(v) for v in getattr(found, measure)])[order]
        canvas.add(
            "scatter",
            x=numbers(values),
            y=list(range(len(order))),
            mode="markers",
            marker={"symbol": symbol, "color": PALETTE[place], "size": 9},
            customdata=[
                [escape(n), s]
                for n, s in zip(names, support[order].tolist(), strict=True)
            ],
            hovertemplate=f"%{{customdata[0]}}<br>{measure} %{{x:.4g}}<br>"
            "%{customdata[1]:.4g} rows<extra></extra>",
            name=measure,
            uid=measure,
        )
    canvas.body = max(200, 20 * len(order))
    canvas.ticks(names, axis="yaxis").y(range=[len(order) - 0.4, -0.6])
    return canvas.x(range=[-0.02, 1.02]).figure()


def hardest_examples_figure(
    images: Any,
    labels: Any,
    predictions: Any,
    confidence: Any = None,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws at most 25 pictures with their true and predicted class.

    Args:
        images: `(n, h, w[, 1 or 3])`, hardest first.
        labels: `(n,)` true classes.
        predictions: `(n,)` chosen classes.
        confidence: `(n,)` probability of the chosen class.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    drawn = [rgb(image) for image in list(images)[:25]]
    words = []
    for i in range(len(drawn)):
        pair = (int(labels[i]), int(predictions[i]))
        true, guess = (class_name(class_names, k) for k in pair)
        sure = "" if confidence is None else f" {float(confidence[i]):.0%}"
        words.append(f"{true} →\n{guess}{sure}")
    stretched = "each from its smallest to its largest value"
    return tiles_figure(
        [t for t, _ in drawn],
        words,
        title or "Hardest examples: true → predicted",
        notes=(stretched,) if any(s for _, s in drawn) else (),
        look={"theme": theme, "height": height},
        why="No wrong prediction to show.",
        pictures=True,
        columns=min(len(drawn), 5) or 1,
    )
