"""Many points, told apart by colour and shape."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import escape, numbers, shorten, uid
from dl_techniques.visualization.colors import NEUTRAL, color

MOST_POINTS, MOST_CLASSES = 2000, 12
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x", "star")


def subset(n: int, most: int = MOST_POINTS) -> tuple[Any, str]:
    """Returns which of n points are drawn, always the same ones, and a note."""
    if n <= most:
        return np.arange(n), ""
    chosen = np.sort(np.random.default_rng(0).choice(n, most, replace=False))
    return chosen, f"{most} of {n} points, drawn at random"


def classes_scatter(
    canvas: Canvas,
    points: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
) -> None:
    """Draws `(n, 2)` points; beyond 12 classes only the largest ones have a colour."""
    keep, note = subset(len(points))
    canvas.notes += [note] if note else []
    points = np.asarray(points, float)[keep]
    known = labels is not None and len(labels) > 0
    classes = np.asarray(labels, int)[keep] if known else np.zeros(len(points), int)
    values, counts = np.unique(classes, return_counts=True)
    shown = values
    if len(values) > MOST_CLASSES:
        shown = np.sort(values[np.argsort(-counts, kind="stable")[:MOST_CLASSES]])
        rest = ~np.isin(classes, shown)
        words = f"{len(values) - MOST_CLASSES} smaller classes"
        _dots(canvas, points[rest], words, NEUTRAL, "circle", "rest")
    for place, k in enumerate(shown.tolist()):
        name = f"class {k}" if known else "samples"
        if known and class_names and k < len(class_names):
            name = str(class_names[k])
        at = k if len(values) <= MOST_CLASSES else place
        symbol = SYMBOLS[at % len(SYMBOLS)] if known else "circle"
        _dots(canvas, points[classes == k], name, color(at), symbol, f"class-{k}")


def _dots(
    canvas: Canvas, points: Any, name: str, shade: str, symbol: str, key: str
) -> None:
    canvas.add(
        "scatter",
        x=numbers(points[:, 0], 4),
        y=numbers(points[:, 1], 4),
        mode="markers",
        name=shorten(name, 18),
        marker={
            "color": shade,
            "symbol": symbol,
            "size": 6,
            "opacity": 0.85,
            "line": {"width": 0.5, "color": canvas.look.axis},
        },
        hovertemplate=f"{escape(name)}<br>%{{x:.4g}}, %{{y:.4g}}<extra></extra>",
        uid=uid(key),
    )
