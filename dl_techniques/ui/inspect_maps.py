"""The answers of a finished model that gives a number at every place of an image."""

from typing import Any

import numpy as np
import streamlit as st

from dl_techniques.analysis._depth_maps import depth_maps
from dl_techniques.ui.inspect_draw import pictures, places, show
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import data
from dl_techniques.visualization.pictures import picture_figure

_SHOWN, _POINTS = 4, 1500
_ORDERS = ("Worst", "Best", "First")


def is_map(subject: Subject) -> bool:
    """Tells whether the stored answers are maps of numbers."""
    outputs = subject.outputs
    return (
        outputs is not None
        and outputs.y_true.ndim == 4
        and outputs.outputs.shape == outputs.y_true.shape
    )


def maps(subject: Subject) -> None:
    """Draws true and given maps of some samples, and places against their targets."""
    outputs = subject.outputs
    assert outputs is not None  # noqa: S101  # the page asked before
    true, given = (np.asarray(v, np.float64) for v in (outputs.y_true, outputs.outputs))
    error = np.abs(given - true)
    each = error.mean((1, 2, 3))
    measures = {
        "mean error": f"{error.mean():.3g}",
        "of the value": f"{(error / np.maximum(np.abs(true), 1e-9)).mean():.1%}",
        "worst sample": f"{each.max():.3g}",
    }
    for column, (name, value) in zip(st.columns(3), measures.items(), strict=True):
        column.metric(name, value)
    order = st.segmented_control("Which", _ORDERS, default=_ORDERS[0]) or _ORDERS[0]
    rows = _rows(each, order)
    images = pictures(subject, places(subject)[rows].tolist())
    if images is not None:
        found = depth_maps(images, true[rows], given[rows])
        figure = picture_figure(found, theme=theme())
        alt = "Held-out images with true and predicted map and the size of the error"
        show("maps", figure, alt, int(figure.layout.height))
    chosen = np.random.default_rng(0).permutation(true.size)[:_POINTS]
    y, guess = true.reshape(-1)[chosen], given.reshape(-1)[chosen]
    st.caption(f"{len(chosen):,} places of {true.size:,}, drawn at random.")
    left, right = st.columns(2)
    with left:
        figure = data.regression_fit_figure(None, y, guess, theme=theme())
        show("fit", figure, "Predictions against targets", 420)
    with right:
        figure = data.residual_figure(y, guess, theme=theme())
        show("residuals", figure, "Residuals over the targets", 420)


def _rows(error: Any, order: str) -> Any:
    if order == "First":
        return np.arange(len(error))[:_SHOWN]
    ranked = np.argsort(error, kind="stable")
    return (ranked[::-1] if order == "Worst" else ranked)[:_SHOWN]
