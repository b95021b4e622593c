"""Spectra smoothed and over training."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import reason
from dl_techniques.visualization._spectra_input import positive, spaced
from dl_techniques.visualization._text import escape, number, numbers, uid
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE, with_alpha
from dl_techniques.visualization.theme import Theme

_RIDGES = 16


def smoothing_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws what smoothing kept of each weight and how much the weight changed.

    Args:
        result: A `SmoothingReport`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "SmoothingReport", "layers", "skipped")
    n_all = len(found.skipped) + len(found.layers)
    left_out = f"left as they are: {len(found.skipped)} of {n_all} weights"
    canvas = Canvas(
        title or "Weights after smoothing",
        theme=theme,
        height=height,
        x="share of singular values kept",
        y="layer",
        notes=(left_out,) if found.skipped and found.layers else (),
        revision="smoothing",
    )
    if not any(math.isfinite(number(v.relative_change)) for v in found.layers):
        return canvas.empty(reason(found, "No weight was smoothed."))
    n = len(found.layers)
    titles = ("singular values kept", "relative change")
    units = ("share of values", "‖ΔW‖ / ‖W‖")
    canvas.panels(titles, x=units, row=max(140, 24 * n), gap=0.06)
    kept = [v.kept / v.total if v.total else math.nan for v in found.layers]
    change = [number(v.relative_change) for v in found.layers]
    words = [
        f"{escape(v.path)}<br>{v.kept} of {v.total} kept, "
        f"{v.factored_parameters:,} of {v.parameters:,} parameters if factored"
        for v in found.layers
    ]
    for i, values in enumerate((kept, change)):
        canvas.add(
            "bar",
            x=numbers(values),
            y=list(range(n)),
            orientation="h",
            marker={"color": PALETTE[(0, 4)[i]]},
            customdata=words,
            hovertemplate=f"%{{customdata}}<br>{titles[i]} %{{x:.4g}}<extra></extra>",
            **{"name": titles[i], "uid": uid(titles[i]), **canvas.at(i)},
        )
    canvas.ticks([v.path for v in found.layers], axis="yaxis")
    canvas.y(range=[n - 0.4, -0.6], showgrid=False)
    canvas.axes["yaxis2"] |= {"range": [n - 0.4, -0.6], "showticklabels": False}
    canvas.axes["xaxis"]["range"] = [0, 1]
    canvas.axes["xaxis2"]["rangemode"] = "tozero"
    canvas.legend = False
    return canvas.figure()


def esd_evolution_figure(
    spectra: Sequence[tuple[Any, Any]],
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the densities of the eigenvalues over training, one ridge a step.

    Args:
        spectra: (step, `Spectrum`) pairs, oldest first; at most 16 are drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    known = [(s, positive(expect(v, "Spectrum", "values").values)) for s, v in spectra]
    known = [(s, v) for s, v in known if len(v)]
    n = len(known)
    if n > _RIDGES:
        known = [known[round(i * (n - 1) / (_RIDGES - 1))] for i in range(_RIDGES)]
    canvas = Canvas(
        title or "Eigenvalues over training",
        theme=theme,
        height=height,
        x="eigenvalue of WᵀW",
        y="step",
        notes=(f"{_RIDGES} of {n} steps",) if n > _RIDGES else (),
        revision="esd evolution",
    )
    if not known:
        return canvas.empty("No weight spectrum yet.")
    low, high = min(v[0] for _, v in known), max(v[-1] for _, v in known)
    edges = spaced(max(low, high * 1e-8), high, "log", 60)
    middle = numbers(np.sqrt(edges[1:] * edges[:-1]))
    shares = [np.histogram(v, edges)[0] / len(v) for _, v in known]
    tallest = max(float(s.max()) for s in shares) or 1.0
    for i, ((step, values), share) in enumerate(zip(known, shares, strict=True)):
        color = PALETTE[0] if i % 2 == 0 else PALETTE[5]
        base = {"x": [middle[0], middle[-1]], "y": [i, i], "hoverinfo": "skip"}
        hidden = {"mode": "lines", "showlegend": False, "line": {"width": 0}}
        canvas.add("scatter", **base, **hidden, uid=uid("base", i))
        canvas.add(
            "scatter",
            x=middle,
            y=numbers(i + 1.7 * share / tallest),
            mode="lines",
            fill="tonexty",
            showlegend=False,
            line={"color": color, "width": 1.5, "shape": "spline", "smoothing": 0.5},
            fillcolor=with_alpha(color, 0.25),
            customdata=numbers(share),
            name=f"step {escape(step)}",
            hovertemplate=f"step {escape(step)}, {len(values)} eigenvalues<br>"
            "λ %{x:.4g}: %{customdata:.2%}<extra></extra>",
            uid=uid("ridge", i),
        )
    canvas.ticks([s for s, _ in known], axis="yaxis", most=16)
    canvas.y(range=[-0.3, len(known) + 1.2])
    canvas.body = max(240, 26 * len(known) + 60)
    return canvas.log("xaxis").figure()
