"""Figures of what needs no training: penalties, spectra, rates, soft metrics.

One file: five short figures whose lines are drawn by the same function.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._text import numbers, shorten, shown, uid
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.theme import Theme

Results = Any  # one result, or {name: result}
Look = Theme | str | None


def penalty_curve_figure(
    result: Results,
    *,
    theme: Look = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws penalties over a weight or a singular value, minima marked.

    Args:
        result: `PenaltyCurve`, or several by name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by name.
    """
    curves = _curves(result, "PenaltyCurve", "x", "value", "minima")
    variables = {c.variable for c in curves.values()}
    canvas = Canvas(
        title or "Penalty and its minima",
        theme=theme,
        height=height,
        x=" or ".join(sorted(variables)) or "weight",
        y="penalty",
        revision="penalty",
    )
    if not curves:
        return canvas.empty("No penalty is chosen.")
    palette = colors or ColorMap.for_names(curves)
    for name, c in curves.items():
        _line(canvas, name, c.x, c.value, palette)
        heights = np.interp(list(c.minima), list(c.x), list(c.value))
        canvas.add(
            "scatter",
            x=numbers(c.minima),
            y=numbers(heights),
            mode="markers",
            name=f"minima of {shorten(name)}" if name else "minima",
            marker={"color": palette.color(name), "size": 9, "symbol": "diamond"},
            showlegend=False,
            hovertemplate="minimum at %{x:.4g}<extra></extra>",
            uid=uid("minima", name),
        )
    return canvas.figure()


def kernel_spectrum_figure(
    result: Results,
    *,
    theme: Look = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the singular values of kernels, largest first.

    Args:
        result: `KernelSpectrum`, or several by name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by name.
    """
    spectra = _curves(result, "KernelSpectrum", "singular_values", "rows")
    sizes = {f"{s.rows} x {s.columns}" for s in spectra.values()}
    canvas = Canvas(
        title or "Singular values",
        theme=theme,
        height=height,
        x="rank",
        y="singular value",
        notes=(f"matrix of {sizes.pop()}",) if len(sizes) == 1 else (),
        revision="kernel spectrum",
    )
    if not spectra:
        return canvas.empty("No kernel is chosen.")
    palette = colors or ColorMap.for_names(spectra)
    for name, s in spectra.items():
        _line(
            canvas,
            name,
            range(1, len(s.singular_values) + 1),
            s.singular_values,
            palette,
        )
    canvas.rule(y=1)
    return canvas.y(rangemode="tozero").figure()


def schedule_curve_figure(
    result: Results,
    *,
    theme: Look = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
    log_y: bool = False,
) -> go.Figure:
    """Draws learning rates over the steps of a run.

    Args:
        result: `ScheduleCurve`, or several by name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by name.
        log_y: Whether the rate has a logarithmic axis.
    """
    curves = _curves(result, "ScheduleCurve", "steps", "rates")
    warm = sorted({c.warmup_steps for c in curves.values() if c.warmup_steps})
    canvas = Canvas(
        title or "Learning rate",
        theme=theme,
        height=height,
        x="step",
        y="learning rate",
        notes=(f"warm-up over {warm[0]} steps",) if len(warm) == 1 else (),
        revision="schedule",
    )
    if not curves:
        return canvas.empty("No schedule is chosen.")
    palette = colors or ColorMap.for_names(curves)
    for name, c in curves.items():
        _line(canvas, name, c.steps, c.rates, palette)
    if log_y:
        canvas.log("yaxis")
    for steps in warm:
        canvas.rule(x=steps)
    return canvas.figure()


def soft_metric_curve_figure(
    result: Results,
    *,
    theme: Look = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws soft metrics over the amplifying scale, their hard values dotted.

    Args:
        result: `SoftMetricCurve`, or several by name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by name.
    """
    curves = _curves(result, "SoftMetricCurve", "scales", "soft", "hard")
    told = [f"hard {c.metric} {shown(c.hard)}" for c in curves.values()]
    canvas = Canvas(
        title or "Soft metric against hard metric",
        theme=theme,
        height=height,
        x="amplifying scale L",
        y="metric",
        notes=told[:1] if len(told) == 1 else (),
        revision="soft metric",
    )
    if not curves:
        return canvas.empty("No predictions yet.")
    palette = colors or ColorMap.for_names(curves)
    for name, c in curves.items():
        _line(canvas, name, c.scales, c.soft, palette)
        canvas.rule(y=float(c.hard), color=palette.color(name))
    return canvas.log("xaxis").figure()


def approximation_curve_figure(
    result: Results,
    *,
    theme: Look = None,
    title: str | None = None,
    height: int | None = None,
    colors: ColorMap | None = None,
) -> go.Figure:
    """Draws the soft step of AnyLoss over the probability.

    Args:
        result: `ApproximationCurve`, or several by name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
        colors: Positions in the palette by name.
    """
    curves = _curves(result, "ApproximationCurve", "p", "value", "scale")
    scales = [f"L = {c.scale:g}" for c in curves.values()]
    canvas = Canvas(
        title or "Soft step",
        theme=theme,
        height=height,
        x="probability",
        y="amplified",
        notes=scales if len(scales) == 1 else (),
        revision="approximation",
    )
    if not curves:
        return canvas.empty("No scale is chosen.")
    palette = colors or ColorMap.for_names(curves)
    for name, c in curves.items():
        _line(canvas, name, c.p, c.value, palette)
    return canvas.rule(x=0.5).x(range=[0, 1]).figure()


def _curves(result: Results, what: str, *names: str) -> Mapping[str, Any]:
    return {} if result is None else by_name(result, what, *names)


def _line(canvas: Canvas, name: str, x: Any, y: Any, palette: ColorMap) -> None:
    canvas.add(
        "scatter",
        x=numbers(x),
        y=numbers(y),
        mode="lines",
        name=shorten(name),
        line={"color": palette.color(name), "dash": palette.dash(name), "width": 2},
        hovertemplate="%{x:.4g}: %{y:.4g}<extra></extra>",
        uid=uid("curve", name),
    )
