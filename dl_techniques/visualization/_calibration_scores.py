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
    shorten,
    shown,
    uid,
)
from dl_techniques.visualization._view import by_name, expect
from dl_techniques.visualization.colors import PALETTE, ColorMap, with_alpha
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


def temperature_figure(
    fit: Any,
    curve: Any = None,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws likelihood and calibration error against the temperature.

    Args:
        fit: `TemperatureFit`; its temperature is marked.
        curve: `TemperatureCurve`; without one only T = 1 and the optimum are drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    best = expect(fit, "TemperatureFit", "temperature", "nll_after")
    at = number(best.temperature)
    line = {
        "temperatures": [1.0, at],
        "nll": [best.nll_before, best.nll_after],
        "ece": [best.ece_before, best.ece_after],
    }
    if curve is not None:
        found = expect(curve, "TemperatureCurve", "temperatures", "nll", "ece")
        line = {name: getattr(found, name) for name in line}
    canvas = Canvas(
        title
        or f"Temperature {shown(at, 3)}: ECE {shown(best.ece_before, 3)} → "
        f"{shown(best.ece_after, 3)}",
        theme=theme,
        height=height,
        x="temperature",
        y="negative log-likelihood (nats)",
        notes=flag_notes(best),
        revision="temperature",
    )
    t, nll, ece = (numbers(v) for v in line.values())
    if not any(v is not None for v in nll + ece):
        return canvas.empty(reason(best, "No logits to scale yet."))
    for name, values, axis, place, dash in (
        ("negative log-likelihood", nll, "y", 0, "solid"),
        ("calibration error (right axis)", ece, "y2", 4, "dash"),
    ):
        canvas.add(
            "scatter",
            x=t,
            y=values,
            yaxis=axis,
            name=name,
            uid=axis,
            mode="lines" if curve is not None else "lines+markers",
            line={"color": PALETTE[place], "dash": dash, "width": 2},
            hovertemplate=f"{name}: %{{y:.4g}} at T = %{{x:.4g}}<extra></extra>",
        )
    right = {"overlaying": "y", "side": "right", "tickmode": "auto"}
    canvas.axes["yaxis2"] = canvas.axis("calibration error", **right)
    canvas.axes["yaxis2"] |= {"rangemode": "tozero", "showgrid": False}
    canvas.log("xaxis").x(exponentformat="none", dtick="D2")
    if np.isfinite(at) and at > 0:
        canvas.rule(x=at, below=False)
        where = {"xref": "x", "yref": "paper", "yanchor": "top", "xanchor": "left"}
        canvas.text(f" T = {shown(at, 3)}", float(np.log10(at)), 0.99, **where)
    return canvas.figure()


def quantile_calibration_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws observed against stated quantiles, and the histogram of the PIT values.

    Args:
        result: `QuantileCalibration`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by model name.
    """
    found = by_name(result, "QuantileCalibration", "levels", "observed", "pit_counts")
    known = {n: q for n, q in found.items() if np.isfinite(_array(q.observed)).any()}
    heading = title or "Quantiles: stated and observed"
    if title is None and len(known) == 1:
        heading += f", error {shown(next(iter(known.values())).error, 3)}"
    x = ("stated quantile level", "PIT value (probability)")
    y = ("observed share", "density")
    canvas = Canvas(
        heading,
        theme=theme,
        height=height,
        x=x[0],
        y=y[0],
        notes=flag_notes(found),
        revision="quantiles",
    )
    if not known:
        return canvas.empty(reason(found, "No stated distributions to judge yet."))
    canvas.panels(("calibration", "PIT histogram"), x=x, y=y, row=220, gap=0.16)
    line = {"color": canvas.look.axis, "dash": "dot"}
    canvas.add(
        "scatter",
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line=line,
        hoverinfo="skip",
        name="perfectly calibrated",
        uid="diagonal",
    )
    palette = colors or ColorMap.for_names(found)
    for name, q in known.items():
        _quantiles(canvas, name, q, palette.color(name), len(known))
    canvas.axes["yaxis2"]["rangemode"] = "tozero"
    return canvas.figure()


def _array(values: Any) -> Any:
    return np.asarray([np.nan if v is None else v for v in values], float)


def _quantiles(canvas: Canvas, name: str, q: Any, color: str, models: int) -> None:
    canvas.add(
        "scatter",
        x=numbers(q.levels),
        y=numbers(q.observed),
        mode="lines+markers",
        line={"color": color},
        marker={"size": 5},
        name=shorten(name) or "model",
        legendgroup=name,
        customdata=[int(number(q.n) or 0)] * len(q.levels),
        hovertemplate="stated %{x:.4g}, observed %{y:.4g}<br>"
        "%{customdata} values<extra></extra>",
        uid=uid("levels", name),
    )
    count = np.nan_to_num(_array(q.pit_counts))
    bins, total = len(count), count.sum()
    if not total:
        return
    edges = np.linspace(0, 1, bins + 1)
    share = count / total * bins
    canvas.add(
        "scatter",
        x=numbers((edges[1:] + edges[:-1]) / 2),
        y=numbers(share),
        mode="lines",
        legendgroup=name,
        showlegend=False,
        line={"color": color, "shape": "hvh"},
        fill="tozeroy" if models == 1 else None,
        fillcolor=with_alpha(color, 0.3),
        customdata=count.tolist(),
        hovertemplate="PIT %{x:.3g}: %{customdata:.4g} values<extra></extra>",
        name=shorten(name) or "PIT",
        uid=uid("pit", name),
        **canvas.at(1),
    )
    if models == 1:
        half = 1.96 * float(np.sqrt(bins / total * (1 - 1 / bins)))
        area: dict[str, Any] = {"xref": "x2 domain", "yref": "y2"}
        fill = with_alpha("#888888", 0.22)
        canvas.band(max(1 - half, 0), 1 + half, fill, **area)
        canvas.rule(y=1, **area)
