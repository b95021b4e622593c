"""Numbers of several models beside each other."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._pareto import pareto_figure
from dl_techniques.visualization._radar import comparison_radar_figure
from dl_techniques.visualization._table import model_table, ranking_table_figure
from dl_techniques.visualization._text import escape, number, numbers, shown
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE, ColorMap
from dl_techniques.visualization.theme import Theme

__all__ = ["comparison_radar_figure", "pareto_figure", "ranking_table_figure"]
_MOST_METRICS = 9


def comparison_bar_figure(
    frame: Any,
    direction: Mapping[str, str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws every metric as a panel with a bar a model; a star marks the best.

    Args:
        frame: Models x metrics; other columns than numbers are left out.
        direction: "max" or "min" by metric; without one no model is best.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    models, metrics = model_table(frame)
    better = direction or {}
    known = {m: v for m, v in metrics.items() if any(map(math.isfinite, v))}
    shown_metrics = dict(list(known.items())[:_MOST_METRICS])
    note = f"the first {_MOST_METRICS} of {len(known)} metrics"
    canvas = Canvas(
        title or "Models beside each other",
        theme=theme,
        height=height,
        x="value of the metric",
        y="model",
        notes=(note,) if len(known) > len(shown_metrics) else (),
    )
    if not shown_metrics:
        return canvas.empty("No metric to compare yet.")
    arrows = {"max": " ↑", "min": " ↓"}
    heads = [escape(m) + arrows.get(better.get(m, ""), "") for m in shown_metrics]
    columns = min(len(heads), 3)
    canvas.panels(
        heads, columns=columns, x="value", row=max(60, 17 * len(models)), gap=0.06
    )
    palette = colors or ColorMap.for_names(models)
    for i, (metric, values) in enumerate(shown_metrics.items()):
        best = _best(values, better.get(metric))
        canvas.add(
            "bar",
            x=numbers(values),
            y=list(range(len(models))),
            orientation="h",
            marker={"color": [palette.color(m) for m in models]},
            text=["★" if j in best else "" for j in range(len(models))],
            textposition="auto",
            customdata=[escape(m) for m in models],
            hovertemplate=f"%{{customdata}}<br>{escape(metric)} %{{x:.4g}}"
            "<extra></extra>",
            **{"name": escape(metric), "uid": f"metric-{i}", **canvas.at(i)},
        )
        s = str(i + 1) if i else ""
        canvas.ticks(models, axis=f"yaxis{s}")
        canvas.axes[f"yaxis{s}"] |= {"range": [len(models) - 0.4, -0.6]}
        canvas.axes[f"yaxis{s}"] |= {"showticklabels": i % columns == 0}
        canvas.axes[f"yaxis{s}"]["showgrid"] = False
        canvas.axes[f"xaxis{s}"] |= {"nticks": 3}
    canvas.legend = False
    return canvas.figure()


def _best(values: list[float], direction: str | None) -> set[int]:
    known = [v for v in values if math.isfinite(v)]
    if direction not in ("max", "min") or len(known) < 2:
        return set()
    top = max(known) if direction == "max" else min(known)
    return {i for i, v in enumerate(values) if v == top}


def bootstrap_difference_figure(
    differences: Any,
    *,
    metric: str = "accuracy",
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws differences with their intervals; one that holds 0 is hollow.

    Args:
        differences: (difference, low, high) by the words of the pair, for example
            "wide - narrow"; or `PairedDifference`s, of which those of `metric` are
            drawn.
        metric: What differs, with its unit.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    if not isinstance(differences, Mapping):
        differences = {
            f"{d.b} - {d.a}": (d.difference, d.low, d.high)
            for d in (expect(v, "PairedDifference", "metric") for v in differences)
            if d.metric == metric
        }
    rows = {str(k): [number(v) for v in triple] for k, triple in differences.items()}
    known = {k: v for k, v in rows.items() if len(v) == 3 and np.isfinite(v).all()}
    canvas = Canvas(
        title or f"Differences in {escape(metric)}",
        theme=theme,
        height=height,
        y="pair of models",
        x=f"difference in {escape(metric)}, with its interval",
        notes=("hollow: the interval holds 0",) if known else (),
    )
    if not known:
        return canvas.empty("No two models to compare yet.")
    triples = np.asarray(list(known.values()))
    hollow = (triples[:, 1] <= 0) & (triples[:, 2] >= 0)
    canvas.add(
        "scatter",
        x=numbers(triples[:, 0]),
        y=list(range(len(known))),
        mode="markers",
        marker={
            "size": 11,
            "color": PALETTE[0],
            "symbol": ["circle-open" if h else "circle" for h in hollow],
            "line": {"width": 2},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "color": PALETTE[0],
            "thickness": 1.5,
            "width": 5,
            "array": numbers(triples[:, 2] - triples[:, 0]),
            "arrayminus": numbers(triples[:, 0] - triples[:, 1]),
        },
        customdata=[
            f"{escape(k)}<br>{shown(v[0])}, from {shown(v[1])} to {shown(v[2])}"
            for k, v in known.items()
        ],
        hovertemplate="%{customdata}<extra></extra>",
        name="difference",
        uid="differences",
    )
    canvas.body = max(150, 26 * len(known))
    canvas.rule(x=0, dash="solid").ticks(list(known), axis="yaxis")
    return canvas.y(range=[len(known) - 0.4, -0.6]).figure()
