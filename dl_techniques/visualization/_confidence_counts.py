"""Counts of a measure of confidence, right and wrong answers apart."""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._flags import flag_notes, reason
from dl_techniques.visualization._text import numbers
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE

_BINS = 20


class Counts(NamedTuple):
    """Counts between edges; `groups` are named."""

    edges: Any
    groups: dict[str, Any]


def of(result: Any, measure: str, limits: tuple[float, float | None]) -> Counts | None:
    """Returns the counts of a `ConfidenceStats` or of stored counts, or None."""
    if result is None:
        return None
    found = expect(result, "ConfidenceStats")
    if hasattr(found, "edges"):
        edges = np.asarray(found.edges, float)
        return Counts(
            edges, {"right": np.asarray(found.right), "wrong": np.asarray(found.wrong)}
        )
    found = expect(result, "ConfidenceStats", measure, "correct")
    raw = getattr(found, measure)
    values = np.asarray([np.nan if v is None else v for v in raw], float)
    finite = np.isfinite(values)
    if not finite.any():
        return None
    high = limits[1] if limits[1] is not None else max(float(values[finite].max()), 0.1)
    edges = np.linspace(limits[0], high, _BINS + 1)
    if found.correct is None:
        return Counts(edges, {"rows": np.histogram(values[finite], edges)[0]})
    right = np.asarray(found.correct, bool)
    parts = {"right": finite & right, "wrong": finite & ~right}
    return Counts(
        edges, {k: np.histogram(values[m], edges)[0] for k, m in parts.items()}
    )


def figure(
    heading: str, unit: str, counts: Counts | None, result: Any, look: dict[str, Any]
) -> go.Figure:
    """Draws the counts stacked."""
    canvas = Canvas(heading, x=unit, y="rows", notes=flag_notes(result), **look)
    if counts is None or not sum(float(np.sum(v)) for v in counts.groups.values()):
        return canvas.empty(reason(result, "No labelled predictions yet."))
    edges = counts.edges
    for name, values in counts.groups.items():
        wrong = name == "wrong"
        canvas.add(
            "bar",
            x=numbers((edges[1:] + edges[:-1]) / 2),
            y=np.asarray(values).tolist(),
            width=numbers(np.diff(edges) * 0.95),
            name=name,
            uid=name,
            marker={
                "color": PALETTE[4 if wrong else 0],
                "pattern": {"shape": "/" if wrong else ""},
            },
            customdata=np.asarray(values).tolist(),
            hovertemplate=f"{name}: %{{y:.4g}} rows at %{{x:.3g}}<extra></extra>",
        )
    canvas.extra["barmode"] = "stack"
    return canvas.x(range=[float(edges[0]), float(edges[-1])]).figure()
