"""How values develop over the epochs."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dl_techniques.visualization import _training_lines as lines
from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._training_dynamics import dynamics_figure
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

__all__ = [
    "dynamics_figure",
    "learning_rate_figure",
    "overfitting_figure",
    "training_curves_figure",
]
_FEW = 8  # epochs that get a number each
History = Mapping[str, Sequence[float]]


def training_curves_figure(
    history: History | Mapping[str, History],
    *,
    metric: str = "loss",
    metrics: Sequence[str] | None = None,
    smoothing: int | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    log_y: bool | str = "auto",
    colors: ColorMap | None = None,
    unit: str = "",
) -> go.Figure:
    """Draws values over the epochs, training solid and held-out dashed.

    Args:
        history: Values by name, with "epoch" or counted from 1; or several such
            histories by run name; or Keras `History` objects.
        metric: Which value; its held-out twin is called "val_<metric>".
        metrics: Several values, a panel each; instead of `metric`.
        smoothing: Epochs of a running mean; the raw values stay as faint lines.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        log_y: "auto" is logarithmic when a positive value spans three decades.
        colors: Positions in the palette by run name.
        unit: Unit of the value.
    """
    runs = lines.runs_of(history)
    chosen = list(metrics or [metric])
    words = [m.replace("_", " ") + (f" ({unit})" if unit else "") for m in chosen]
    heading = words[0].capitalize() if len(chosen) == 1 else "Training"
    canvas = Canvas(
        title or heading,
        theme=theme,
        height=height,
        x="epoch",
        y=words[0],
        notes=(f"running mean over {smoothing} epochs",) if smoothing else (),
        revision=f"curves {' '.join(chosen)}",
    )
    known = [m for m in chosen if any(lines.has(h, m) for h in runs.values())]
    if not known:
        return canvas.empty("No epoch is finished yet.")
    palette = colors or ColorMap.for_names(runs)
    if len(chosen) > 1:
        canvas.panels(words, x="epoch", y="", row=150)
    for i, name in enumerate(chosen):
        _one(canvas, runs, name, palette, i, smoothing, log_y)
    last = max((e for t in canvas.traces for e in t["x"]), default=0)
    if last <= _FEW:  # Plotly would write parts of an epoch
        for axis in (a for a in canvas.axes if a.startswith("x")):
            canvas.axes[axis]["dtick"] = 1
    return canvas.figure()


def _one(
    canvas: Canvas,
    runs: Mapping[str, History],
    name: str,
    palette: ColorMap,
    i: int,
    smoothing: int | None,
    log_y: bool | str,
) -> None:
    everything: list[float] = []
    for run, values in runs.items():
        for key in (name, f"val_{name}"):
            if lines.length(values, key):
                drawn = lines.curve(canvas, run, key, values, palette, i, smoothing)
                everything += drawn
    if list(runs) == [""]:
        lines.mark_best(canvas, runs[""], name, i)
    positive = [v for v in everything if v > 0]
    wide = positive and len(positive) == len(everything)
    wide = bool(wide and max(positive) / min(positive) > 1000)
    axis = f"yaxis{i + 1 if i else ''}"
    if log_y is True or (log_y == "auto" and wide):
        canvas.log(axis)
    elif positive and min(everything) == max(everything):
        canvas.axes[axis]["range"] = [0, 2 * positive[0]]  # Plotly's would be wide


def learning_rate_figure(
    history: History | Mapping[str, History],
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    log_y: bool = True,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the learning rate over the epochs.

    Args:
        history: Values by name with "learning_rate" or "lr", or several by run name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        log_y: Whether the rate is on a logarithmic axis.
        colors: Positions in the palette by run name.
    """
    runs = lines.runs_of(history)
    canvas = Canvas(
        title or "Learning rate",
        theme=theme,
        height=height,
        x="epoch",
        y="learning rate",
    )
    palette = colors or ColorMap.for_names(runs)
    for run, values in runs.items():
        key = next((k for k in ("learning_rate", "lr") if lines.has(values, k)), None)
        if key:
            label = lines.Label(run, run or "learning rate")
            lines.line(canvas, label, lines.epochs(values, key), values[key], palette)
    if not canvas.traces:
        return canvas.empty("No learning rate was recorded.")
    drawn = [v for t in canvas.traces for v in t["y"] if v is not None]
    if log_y and min(drawn) > 0:
        canvas.log("yaxis")
    return canvas.figure()


def overfitting_figure(
    history: History | Mapping[str, History],
    *,
    metric: str = "loss",
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the gap between the held-out and the training value over the epochs.

    Args:
        history: Values by name, or several histories by run name.
        metric: Which value; its held-out twin is called "val_<metric>".
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by run name.
    """
    runs = lines.runs_of(history)
    words = metric.replace("_", " ")
    canvas = Canvas(
        title or f"Gap between held-out and training {words}",
        theme=theme,
        height=height,
        x="epoch",
        y=f"held-out - training {words}",
        revision=f"gap {metric}",
    )
    palette = colors or ColorMap.for_names(runs)
    for run, values in runs.items():
        pairs = zip(
            *(lines.floats(values.get(k, ())) for k in (f"val_{metric}", metric)),
            strict=False,
        )
        gap = [a - b for a, b in pairs]
        if any(map(math.isfinite, gap)):
            x = lines.epochs(values, metric)[: len(gap)]
            label = lines.Label(run, run or "gap")
            lines.line(canvas, label, x, gap, palette)
    if not canvas.traces:
        return canvas.empty("No epoch has both a held-out and a training value.")
    return canvas.rule(y=0, dash="solid").figure()
