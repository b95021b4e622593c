"""How sure a model is when it is right and when it is wrong."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization import _figure
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme

_BINS = 20


def confidence_histogram_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the counts of confidence, right answers below and wrong ones on top.

    Args:
        result: `ConfidenceStats` with labels, or stored counts with `edges`, `right`
            and `wrong`; None draws nothing yet.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    heading = title or "Confidence of right and wrong answers"
    counts = None if result is None else _counts(result)
    if counts is None or not sum(counts[1]) + sum(counts[2]):
        why = "No labelled predictions yet."
        return _figure.nothing(heading, why, theme=theme, height=height)
    edges, right, wrong = counts
    fig = _figure.figure(heading, theme=theme, height=height, x="confidence", y="rows")
    middle = _figure.numbers((edges[1:] + edges[:-1]) / 2)
    for name, values, color, pattern in (
        ("right", right, PALETTE[0], ""),
        ("wrong", wrong, PALETTE[4], "/"),
    ):
        fig.add_bar(
            x=middle,
            y=values.tolist(),
            width=_figure.numbers(np.diff(edges) * 0.95),
            name=name,
            marker={"color": color, "pattern": {"shape": pattern}},
            hovertemplate=f"{name}: %{{y:.4g}} rows at %{{x:.3g}}<extra></extra>",
            uid=name,
        )
    fig.update_layout(barmode="stack")
    fig.update_xaxes(range=[0, 1])
    return fig


def _counts(result: Any) -> tuple[Any, Any, Any] | None:
    found = expect(result, "ConfidenceStats")
    if hasattr(found, "edges"):
        edges, right, wrong = found.edges, found.right, found.wrong
        return np.asarray(edges, float), np.asarray(right), np.asarray(wrong)
    if found.correct is None:
        return None
    edges = np.linspace(0, 1, _BINS + 1)
    top, correct = np.asarray(found.max_probability), np.asarray(found.correct)
    right, wrong = (np.histogram(top[m], edges)[0] for m in (correct, ~correct))
    return edges, right, wrong
