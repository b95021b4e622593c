"""Lines over the epochs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dl_techniques.utils.metric_names import best_mode
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import numbers, shorten, uid
from dl_techniques.visualization.colors import ColorMap, with_alpha

_DOTS = 30  # epochs up to which each one has a marker
_FEW_RUNS = 3  # beyond, the legend names each run once


class Label(NamedTuple):
    """The run a line belongs to and its words."""

    run: str
    text: str


def runs_of(history: Any) -> dict[str, Any]:
    """Returns histories by run name; a single one has the name ""."""
    if not isinstance(history, Mapping) and not hasattr(history, "history"):
        kind = type(history).__name__
        raise TypeError(f"expected values by name or a History, got {kind}")
    plain = getattr(history, "history", history)
    first = next(iter(plain.values()), None)
    if isinstance(first, Mapping) or hasattr(first, "history"):
        return {str(k): dict(getattr(v, "history", v)) for k, v in plain.items()}
    return {"": dict(plain)}


def floats(values: Any) -> list[float]:
    """Returns the values; None is NaN."""
    return [math.nan if v is None else float(v) for v in values]


def length(values: Mapping[str, Any], key: str) -> int:
    """Returns how many values a history has."""
    found = values.get(key)
    return 0 if found is None else len(found)


def has(values: Mapping[str, Any], name: str) -> bool:
    """Tells whether a history has a finite value, training or held-out."""
    found = [*(values.get(name) or ()), *(values.get(f"val_{name}") or ())]
    return any(map(math.isfinite, floats(found)))


def epochs(values: Mapping[str, Any], key: str) -> list[Any]:
    """Returns the epoch of each value, counted from 1 when it is not recorded."""
    recorded = values.get("epoch")
    if recorded is not None and len(recorded):
        return list(recorded)
    return list(range(1, length(values, key) + 1))


def line(
    canvas: Canvas,
    label: Label,
    x: Sequence[Any],
    values: Any,
    palette: ColorMap,
    *,
    dashed: bool | None = None,
    shade: str | None = None,
    key: str = "line",
    place: int = 0,
    faint: bool = False,
    hidden: bool = False,
) -> list[float]:
    """Draws one line and returns its finite values."""
    y = numbers(floats(values))
    color = shade or palette.color(label.run)
    dash = palette.dash(label.run) if not dashed else "dash"
    text = shorten(label.text) if label.text == label.run else label.text
    canvas.add(
        "scatter",
        x=list(x),
        y=y,
        name=text,
        uid=uid(label.run, key, place),
        mode="lines+markers" if len(x) < _DOTS and not faint else "lines",
        line={"color": with_alpha(color, 0.35) if faint else color, "dash": dash}
        | {"width": 1 if faint else 2},
        marker={"size": 5, "color": color},
        legendgroup=label.run or label.text,
        showlegend=place == 0 and not faint and not hidden,
        hovertemplate=f"{text}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        **canvas.at(place),
    )
    return [v for v in y if v is not None]


def curve(
    canvas: Canvas,
    run: str,
    key: str,
    values: Mapping[str, Any],
    palette: ColorMap,
    place: int,
    smoothing: int | None,
) -> list[float]:
    """Draws a training or held-out curve, and its running mean when asked for."""
    held_out = key.startswith("val_")
    words = "held out" if held_out else "training"
    shade = None if run else ColorMap.for_names(["training", "held out"]).color(words)
    label = Label(run, f"{shorten(run)}, {words}" if run else words)
    x, y = epochs(values, key), floats(values[key])
    look: dict[str, Any] = {"dashed": held_out, "shade": shade, "place": place}
    many = len(palette.positions) > _FEW_RUNS and bool(run)
    if many:
        words = "solid: training, dashed: held out"
        canvas.notes += [words] * (words not in canvas.notes)
        label = Label(run, run) if not held_out else label
        look["hidden"] = held_out and length(values, key.removeprefix("val_")) > 0
    if smoothing and smoothing > 1:
        from dl_techniques.analysis.dynamics import smooth

        line(canvas, label, x, y, palette, **look, key=f"{key} raw", faint=True)
        y = smooth(y, smoothing).tolist()
    return line(canvas, label, x, y, palette, **look, key=key)


def mark_best(canvas: Canvas, values: Mapping[str, Any], name: str, place: int) -> None:
    """Marks the best epoch with a star, where a value can be good or bad."""
    mode = best_mode(name)
    series = floats(values.get(f"val_{name}") or values.get(name) or ())
    known = [(v, i) for i, v in enumerate(series) if math.isfinite(v)]
    if len(known) < 2 or not mode:
        return
    value, at = min(known) if mode == "min" else max(known, key=lambda k: (k[0], -k[1]))
    epoch = epochs(values, f"val_{name}" if values.get(f"val_{name}") else name)[at]
    canvas.add(
        "scatter",
        x=[epoch],
        y=numbers([value]),
        mode="markers",
        name="best",
        marker={"symbol": "star", "size": 13, "color": canvas.look.text},
        showlegend=place == 0,
        hovertemplate=f"best: epoch {epoch}, {value:.4g}<extra></extra>",
        **{"uid": uid("best", place), "legendgroup": "best", **canvas.at(place)},
    )
