"""How values develop over the epochs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme, resolve

_LOWER_IS_BETTER = ("loss", "error", "brier", "nll", "ece")
History = Mapping[str, Sequence[float]]


def training_curves_figure(
    history: History | Mapping[str, History],
    *,
    metric: str = "loss",
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    log_y: bool | str = "auto",
    colors: ColorMap | None = None,
    unit: str = "",
) -> go.Figure:
    """Draws a value over the epochs, training solid and held-out dashed.

    Args:
        history: Values by name, with "epoch" or counted from 1; or several such
            histories by run name.
        metric: Which value; its held-out twin is called "val_<metric>".
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        log_y: "auto" is logarithmic when a positive value spans three decades.
        colors: Positions in the palette by run name.
        unit: Unit of the value.
    """
    heading = title or metric.replace("_", " ").capitalize()
    first = next(iter(history.values()), None)
    named = isinstance(first, Mapping)
    runs: dict[str, Any] = dict(history) if named else {"": history}
    wanted = (metric, f"val_{metric}")
    if not any(len(h.get(n, ())) for h in runs.values() for n in wanted):
        why = "No epoch is finished yet."
        return _figure.nothing(heading, why, theme=theme, height=height)
    name = metric.replace("_", " ") + (f" ({unit})" if unit else "")
    fig = _figure.figure(heading, theme=theme, height=height, x="epoch", y=name)
    palette = colors or ColorMap.for_names(runs)
    everything: list[float] = []
    for run, values in runs.items():
        for key in wanted:
            if len(values.get(key, ())):
                everything += _curve(fig, run, key, values, palette.color(run))
    if not named:
        _mark_best(fig, runs[""], metric, theme)
    positive = [v for v in everything if v > 0]
    wide = positive and len(positive) == len(everything)
    wide = bool(wide and max(positive) / min(positive) > 1000)
    if log_y is True or (log_y == "auto" and wide):
        fig.update_yaxes(type="log", exponentformat="power")
    return fig


def _curve(fig: go.Figure, run: str, key: str, values: Any, color: str) -> list[float]:
    held_out = key.startswith("val_")
    x = list(values.get("epoch") or range(1, len(values[key]) + 1))
    y = _figure.numbers(values[key])
    label = "held out" if held_out else "training"
    name = f"{_figure.shorten(run)}, {label}" if run else label
    if not run:
        color = ColorMap.for_names(["training", "held out"]).color(label)
    fig.add_scatter(
        **{"x": x, "y": y, "name": name, "mode": "lines+markers"},
        line={"color": color, "width": 2, "dash": "dash" if held_out else "solid"},
        marker={"size": 5 if len(x) < 30 else 1},
        hovertemplate=f"{name}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        uid=f"{run}-{key}",
    )
    return [v for v in y if v is not None]


def _mark_best(fig: go.Figure, values: Any, metric: str, theme: Any) -> None:
    series = values.get(f"val_{metric}") or values.get(metric) or ()
    known = [(v, i) for i, v in enumerate(series) if v is not None and math.isfinite(v)]
    if len(known) < 2:
        return
    low = any(part in metric for part in _LOWER_IS_BETTER)
    value, place = min(known) if low else max(known, key=lambda k: (k[0], -k[1]))
    epoch = list(values.get("epoch") or range(1, len(series) + 1))[place]
    fig.add_scatter(
        x=[epoch],
        y=_figure.numbers([value]),
        mode="markers",
        marker={"symbol": "star", "size": 13, "color": resolve(theme).axis},
        name=f"best {value:.4g}",
        hovertemplate=f"best: epoch {epoch}, {value:.4g}<extra></extra>",
        uid="best",
    )
