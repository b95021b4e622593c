"""What several views of the Inspect page draw with."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dl_techniques.ui import services
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.plot import live_figure

_PICTURES = "dl_techniques.ui.inspect_questions.pictures"


def show(name: str, figure: go.Figure, alt: str, height: int | None = None) -> None:
    """Draws a figure with its table and downloads."""
    high = height or int(figure.layout.height or 360)
    live_figure(figure, key=f"inspect_{name}", alt=alt, height=high)


def names_of(subject: Subject) -> list[str] | None:
    """Returns the names of the classes, if they are known."""
    info = subject.info
    return list(info.class_names) if info and info.class_names else None


def answers_of(subject: Subject) -> tuple[Any, Any]:
    """Returns labels and class probabilities of the stored answers."""
    outputs = subject.outputs
    assert outputs is not None  # noqa: S101  # the page asked before
    return outputs.y_true, np.asarray(outputs.y_prob)


def places(subject: Subject) -> Any:
    """Returns which held-out samples the stored answers belong to."""
    with np.load(subject.folder / "predictions.npz", allow_pickle=False) as file:
        return file["rows"]


def pictures(subject: Subject, rows: list[int]) -> Any:
    """Returns held-out images in 0..1, None when there are none to be had."""
    info = subject.info
    if info is None or info.kind != "image":
        return None
    key = f"{subject.key}-{hash(tuple(rows))}"
    try:
        with st.spinner("Fetching the pictures ...", show_time=True):
            return services.ask(_PICTURES, subject.data, rows, key=key).result(60)
    except Exception as error:  # noqa: BLE001  # the table is still there
        st.caption(f"No pictures: {error}")
        return None
