"""Training histories summed up."""

import math
from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import escape, number, numbers
from dl_techniques.visualization._view import by_name
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

_EPOCHS = (
    ("epochs_to_convergence", "converged", "circle", 0),
    ("best_epoch", "best", "star", 1),
)
_GAPS = (
    ("overfitting_index", "mean of the last third", "circle", 2),
    ("final_gap", "last epoch", "square", 3),
    ("generalisation_gap", "best epoch", "star", 1),
)


def dynamics_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws when training converged and how far held-out loss stayed behind.

    Args:
        result: `TrainingDynamics`, or several by model name.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = by_name(result, "TrainingDynamics", "best_epoch", "final_gap")
    diverged = [n or "the run" for n, d in found.items() if d.diverged]
    words = f"diverged: {', '.join(diverged)}" if diverged else ""
    canvas = Canvas(
        title or "Course of the training",
        theme=theme,
        height=height,
        x="epoch",
        y="model",
        notes=(*flag_notes(found), words),
        revision="dynamics",
    )
    parts = (*_EPOCHS, *_GAPS)
    known = [number(getattr(d, p[0])) for d in found.values() for p in parts]
    if not any(map(math.isfinite, known)):
        return canvas.empty(reason(found, "No epoch is finished yet."))
    n = len(found)
    titles = ("when", "held-out - training loss")
    x = ("epoch", "gap (units of the loss)")
    canvas.panels(titles, x=x, row=max(110, 26 * n), gap=0.08)
    for place, group in enumerate((_EPOCHS, _GAPS)):
        for field, label, symbol, shade in group:
            canvas.add(
                "scatter",
                x=numbers([number(getattr(d, field)) for d in found.values()]),
                y=list(range(n)),
                mode="markers",
                marker={"symbol": symbol, "color": PALETTE[shade], "size": 10},
                name=f"{label} (epoch)" if place == 0 else f"gap: {label}",
                customdata=[escape(m) for m in found],
                hovertemplate=f"%{{customdata}}<br>{label}: %{{x:.4g}}<extra></extra>",
                **{"uid": field, **canvas.at(place)},
            )
    canvas.ticks([m or "run" for m in found], axis="yaxis")
    canvas.y(range=[n - 0.4, -0.6])
    canvas.axes["yaxis2"] |= {"range": [n - 0.4, -0.6], "showticklabels": False}
    canvas.axes["xaxis"]["rangemode"] = "tozero"
    area: dict[str, Any] = {"yref": "y2 domain", "xref": "x2"}
    canvas.rule(x=0, dash="solid", **area)
    return canvas.figure()
