"""Scores of calibration, taken apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import (
    escape,
    number,
    numbers,
    shown,
)
from dl_techniques.visualization._view import by_name, expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

_PARTS = (
    ("reliability", 1, "miscalibration (reliability)"),
    ("resolution", -1, "resolution, taken off"),
    ("uncertainty", 1, "uncertainty of the labels"),
    ("within_bin_variance", 1, "variance inside bins"),
    ("within_bin_covariance", -1, "covariance inside bins, taken off"),
)


def classwise_calibration_figure(
    result: Any,
    class_names: Sequence[str] | None = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the calibration error of each class; hatched ones have no row.

    Args:
        result: `ClasswiseCalibration`.
        class_names: Names of the classes, in order.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "ClasswiseCalibration", "per_class", "support")
    error = np.asarray(found.per_class, float)
    support = np.nan_to_num(np.asarray(found.support, float))
    names = list(class_names or [f"class {i}" for i in range(len(error))])
    absent = [str(n) for n, s in zip(names, support, strict=False) if not s > 0]
    known = np.isfinite(error).any()
    note = f"no row of {', '.join(absent[:6])}{' …' if len(absent) > 6 else ''}"
    canvas = Canvas(
        title or f"Calibration error by class, mean {shown(found.mean, 3)}",
        theme=theme,
        height=height,
        x="class",
        y="one-vs-rest calibration error",
        notes=(note,) if absent and known else (),
        revision="classwise",
    )
    if not known:
        return canvas.empty(reason(found, "No labelled predictions yet."))
    canvas.add(
        "bar",
        x=list(range(len(error))),
        y=numbers(error),
        customdata=[
            [escape(n), s] for n, s in zip(names, support.tolist(), strict=False)
        ],
        marker={
            "color": PALETTE[0],
            "pattern": {"shape": ["" if s > 0 else "/" for s in support]},
        },
        name="error",
        hovertemplate="%{customdata[0]}<br>error %{y:.4g}<br>"
        "%{customdata[1]:.4g} rows<extra></extra>",
        uid="classes",
    )
    mean = number(found.mean)
    if np.isfinite(mean):
        canvas.rule(y=mean, dash="dash", below=False)
    return canvas.ticks(names, most=30).y(rangemode="tozero").figure()


def brier_decomposition_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the parts of the Brier score; their signed sum is the score.

    Args:
        result: `BrierDecomposition`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = by_name(result, "BrierDecomposition", "reliability", "brier")
    known = {n: d for n, d in found.items() if np.isfinite(number(d.brier))}
    canvas = Canvas(
        title or "Brier score and its parts",
        theme=theme,
        height=height,
        x="part of the Brier score (probability²)",
        y="model",
        notes=flag_notes(found),
    )
    if not known:
        return canvas.empty(reason(found, "No labelled predictions yet."))
    places = list(range(len(known)))
    for i, (part, sign, label) in enumerate(_PARTS):
        canvas.add(
            "bar",
            x=numbers([sign * number(getattr(d, part)) for d in known.values()]),
            y=places,
            name=label,
            orientation="h",
            uid=part,
            marker={"color": PALETTE[i], "pattern": {"shape": "/" if sign < 0 else ""}},
            customdata=[escape(n) for n in known],
            hovertemplate=f"%{{customdata}}<br>{label}: %{{x:.4g}}<extra></extra>",
        )
    canvas.add(
        "scatter",
        x=numbers([d.brier for d in known.values()]),
        y=places,
        mode="markers",
        name="Brier score",
        uid="brier",
        marker={"symbol": "diamond", "size": 11, "color": canvas.look.text},
        hovertemplate="Brier score %{x:.4g}<extra></extra>",
    )
    canvas.extra["barmode"] = "relative"
    canvas.body = max(150, 34 * len(known))
    names = [n or "model" for n in known]
    canvas.ticks(names, axis="yaxis").y(range=[len(known) - 0.4, -0.6], showgrid=False)
    return canvas.rule(x=0, dash="solid").figure()
