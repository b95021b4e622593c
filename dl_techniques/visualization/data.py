"""Data sets, and what a model makes of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._boundary import decision_boundary_figure
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._distributions import (
    forecast_figure,
    mixture_density_figure,
)
from dl_techniques.visualization._heat import rows_of
from dl_techniques.visualization._regression import (
    regression_fit_figure,
    residual_figure,
)
from dl_techniques.visualization._small_multiples import Panel, panels_figure
from dl_techniques.visualization._text import escape, numbers, shown
from dl_techniques.visualization._tiles import rgb, tiles_figure
from dl_techniques.visualization.colors import PALETTE, color
from dl_techniques.visualization.theme import Theme

__all__ = [
    "class_balance_figure",
    "decision_boundary_figure",
    "feature_distribution_figure",
    "forecast_figure",
    "mixture_density_figure",
    "regression_fit_figure",
    "residual_figure",
    "sample_grid_figure",
]
_BINS, _MOST_FEATURES, _MOST_SAMPLES = 32, 12, 64


def class_balance_figure(
    counts: Any,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws how many rows each class has.

    Args:
        counts: `(classes,)` rows of each class; or several such by part of the data
            ("train", "test").
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    parts = dict(counts) if hasattr(counts, "items") else {"rows": counts}
    arrays = {str(k): np.ravel(np.asarray(v, float)) for k, v in parts.items()}
    n = max(map(len, arrays.values()), default=0)
    names = list(class_names or [f"class {i}" for i in range(n)])
    canvas = Canvas(
        title or "Rows of each class",
        theme=theme,
        height=height,
        x="class",
        y="rows",
    )
    if not sum(np.nansum(v) for v in arrays.values()):
        return canvas.empty("No labelled row yet.")
    for i, (part, values) in enumerate(arrays.items()):
        share = values / (np.nansum(values) or 1)
        canvas.add(
            "bar",
            x=list(range(len(values))),
            y=numbers(values),
            marker={"color": color(i)},
            customdata=[
                [escape(c), f"{100 * s:.4g} %"]
                for c, s in zip(names, share.tolist(), strict=False)
            ],
            hovertemplate=f"{escape(part)}, %{{customdata[0]}}<br>%{{y:.4g}} rows, "
            "%{customdata[1]}<extra></extra>",
            name=escape(part),
            uid=f"part-{i}",
        )
    return canvas.ticks(names, most=30).figure()


def feature_distribution_figure(
    features: Any,
    names: Sequence[str] | None = None,
    *,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    max_features: int = _MOST_FEATURES,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the histogram of each feature, by class where labels are given.

    Args:
        features: `(n, features)`, or `(n,)`.
        names: Names of the features.
        labels: `(n,)` class numbers; only up to four classes are told apart.
        class_names: Names of the classes.
        max_features: Most features drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    x = rows_of(features)
    words = list(names or [f"feature {i}" for i in range(x.shape[1])])
    classes = np.unique(np.asarray([] if labels is None else labels, int))
    groups: list[tuple[str, Any, str]] = [("", slice(None), PALETTE[0])]
    if 1 < len(classes) <= 4:
        title_of = [
            str(class_names[k]) if class_names else f"class {k}" for k in classes
        ]
        groups = [
            (t, np.asarray(labels) == k, color(int(k)))
            for t, k in zip(title_of, classes, strict=True)
        ]
    panels = []
    for i in range(min(x.shape[1], max_features)):
        known = x[np.isfinite(x[:, i]), i]
        if not len(known):
            continue
        edges = _edges(known)
        traces = [(g, edges, _count(x[m, i], edges), c) for g, m, c in groups]
        note = f"{shown(known.mean(), 2)} ± {shown(known.std(), 2)}"
        panels.append(Panel(str(words[i]), note, traces))
    note = f"the first {max_features} of {x.shape[1]} features"
    return panels_figure(
        *(title or "Features", panels, "value"),
        theme=theme,
        height=height,
        notes=(note,) if x.shape[1] > max_features and panels else (),
        why="No row with finite features yet.",
    )


def _edges(values: Any) -> Any:
    low, high = float(values.min()), float(values.max())
    room = 0 if high > low else max(abs(low), 1) * 0.5
    return np.linspace(low - room, high + room, _BINS + 1)


def _count(values: Any, edges: Any) -> Any:
    return np.histogram(values[np.isfinite(values)], edges)[0]


def sample_grid_figure(
    images: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    *,
    max_samples: int = 24,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws pictures in a grid.

    uint8 and floats in [0, 1] are taken as they are; others from their smallest to
    their largest value, which the title says.

    Args:
        images: `(n, h, w[, 1 or 3])`.
        labels: `(n,)` class numbers, written above.
        class_names: Names of the classes.
        max_samples: Most pictures drawn, at most 64.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    drawn = [rgb(image) for image in list(images)[: min(max_samples, _MOST_SAMPLES)]]
    words = [""] * len(drawn)
    if labels is not None:
        numbers_ = [int(v) for v in list(labels)[: len(drawn)]]
        words = [str(class_names[k]) if class_names else str(k) for k in numbers_]
    stretched = any(s for _, s in drawn)
    heading = title or "Samples"
    return tiles_figure(
        [t for t, _ in drawn],
        words,
        f"{heading} (each from its lowest to its highest value)"
        if stretched
        else heading,
        look={"theme": theme, "height": height},
        why="No sample to show.",
        pictures=True,
        columns=8 if len(drawn) > 10 else 5,
    )
