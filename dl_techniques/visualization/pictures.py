"""What a model itself makes: densities over an input, images drawn again."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.utils.pixels import unpacked
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._depth_maps import depth_maps_figure
from dl_techniques.visualization._similar_pairs import pair_similarity_figure
from dl_techniques.visualization._text import class_name, number, numbers, shown
from dl_techniques.visualization._tiles import rgb, tiles_figure
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import NEUTRAL, PALETTE, with_alpha
from dl_techniques.visualization.theme import Theme

_DASHES = ("solid", "dash", "dot", "dashdot")  # from the middle outwards


def mixture_curve_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws a predicted density over the input with its quantiles and held-out rows.

    Args:
        result: The record "MixtureCurve" of a live snapshot.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "MixtureCurve", "x", "quantiles", "density", "points_x")
    canvas = Canvas(
        title or "Predicted density",
        theme=theme,
        height=height,
        x="input",
        y="target",
        notes=("colour: density, divided by its largest at each input",),
        revision="mixture curve",
    )
    median = list(found.mean)
    if not any(np.isfinite(number(v)) for v in median):
        return canvas.empty("No distribution has been predicted yet.")
    _density(canvas, found)
    _points(canvas, found)
    _quantiles(canvas, found)
    _line(canvas, found.x, found.mean, "mean", PALETTE[3], "longdash")
    canvas.body = 320
    return canvas.figure()


def _density(canvas: Canvas, found: Any) -> None:
    colors = [[0, with_alpha(PALETTE[1], 0)], [1, with_alpha(PALETTE[1], 0.9)]]
    canvas.add(
        "heatmap",
        x=numbers(found.x, 4),
        y=numbers(found.y, 4),
        z=[numbers(row, 2) for row in found.density],
        zmin=0,
        zmax=1,
        colorscale=colors,
        colorbar={"title": {"text": "density / largest", "side": "right"}},
        hovertemplate="input %{x:.4g}, target %{y:.4g}<br>%{z:.2g} of the largest "
        "density<extra></extra>",
        name="density",
        uid="density",
    )


def _points(canvas: Canvas, found: Any) -> None:
    canvas.add(
        "scatter",
        x=numbers(found.points_x, 4),
        y=numbers(found.points_y, 4),
        mode="markers",
        marker={"color": NEUTRAL, "size": 5, "opacity": 0.7},
        name="held out",
        hovertemplate="input %{x:.4g}: target %{y:.4g}<extra></extra>",
        uid="held_out",
    )


def _quantiles(canvas: Canvas, found: Any) -> None:
    middle = (len(found.quantiles) - 1) / 2
    for i, row in enumerate(found.quantiles):
        away = min(round(abs(i - middle)), len(_DASHES) - 1)
        share = f"{100 * number(found.levels[i]):.3g} %"
        _line(canvas, found.x, row, share, PALETTE[0], _DASHES[away], f"quantile-{i}")


def _line(
    canvas: Canvas, x: Any, y: Any, name: str, color: str, dash: str, uid: str = ""
) -> None:
    canvas.add(
        "scatter",
        x=numbers(x, 4),
        y=numbers(y, 4),
        mode="lines" if len(x) > 1 else "markers",
        line={"color": color, "dash": dash, "width": 2},
        name=name,
        hovertemplate=f"{name}<br>input %{{x:.4g}}: %{{y:.4g}}<extra></extra>",
        uid=uid or name,
    )


def reconstructions_figure(
    result: Any,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws images above what a model's decoder makes of them.

    Args:
        result: The record "Reconstructions" of a live snapshot.
        class_names: Names of the classes.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "Reconstructions", "images", "drawn", "labels", "error")
    labels, errors = list(found.labels), list(found.error)
    n = min(len(labels), len(errors))
    rows = [unpacked(v)[:n] for v in (found.images, found.drawn)]
    low, high = number(found.low), number(found.high)
    notes = ["above the image, below its reconstruction; mean squared error of pixels"]
    if (low, high) != (0, 1):
        notes.append(f"pixels from {shown(low, 3)} to {shown(high, 3)}")
    names = [class_name(class_names, int(k)) for k in labels[:n]]
    names += [shown(e, 2) for e in errors[:n]]
    return tiles_figure(
        [rgb(image)[0] for row in rows for image in row],
        names,
        title or "Images and their reconstructions",
        notes=notes,
        look={"theme": theme, "height": height},
        why="No image has been drawn yet.",
        pictures=True,
        columns=max(n, 1),
    )


FIGURES: Mapping[str, Callable[..., go.Figure]] = MappingProxyType(
    {
        "DepthMaps": depth_maps_figure,
        "MixtureCurve": mixture_curve_figure,
        "PairSimilarity": pair_similarity_figure,
        "Reconstructions": reconstructions_figure,
    }
)


def picture_figure(record: Mapping[str, Any], **options: Any) -> go.Figure:
    """Draws one record of a snapshot's `pictures`.

    Raises:
        TypeError: If no figure is known for its type.
    """
    kind = str(record.get("type"))
    if kind not in FIGURES:
        known = ", ".join(FIGURES)
        raise TypeError(f"expected a record of type {known}, got {kind}")
    return FIGURES[kind](record, **options)
