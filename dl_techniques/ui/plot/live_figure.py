"""Mounts a Plotly figure whose node, zoom and hidden traces survive updates."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st

STATIC = Path(__file__).parents[3] / "static"
_SCRIPT = Path(__file__).with_name("figure.js")
_STYLE = Path(__file__).with_name("figure.css")


def serve_plotly() -> str:
    """Copies plotly.min.js to the static folder; returns its address."""
    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    target = STATIC / "plotly.min.js"
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        STATIC.mkdir(exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(source.read_bytes())
        part.replace(target)
    return f"app/static/plotly.min.js?v={plotly.__version__}"


@cache
def _component() -> Any:
    return st.components.v2.component(
        "dl_techniques_figure",
        js=_SCRIPT.read_text(encoding="utf-8"),
        css=_STYLE.read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def live_figure(figure: go.Figure, *, key: str, alt: str, height: int = 320) -> None:
    """Draws or updates a figure in place.

    Below it the reader finds its numbers as a table and downloads as CSV, PNG and
    SVG, all made in the browser from what was sent.

    Args:
        figure: The figure; its `layout.uirevision` decides whether zoom is kept.
        key: Identifies the node between reruns.
        alt: What the figure shows, for those who cannot see it.
        height: Height of the drawing in pixels.
    """
    _component()(
        key=key,
        data={
            "figure": json.loads(figure.to_json()),
            "alt": alt,
            "height": height,
            "source": serve_plotly(),
        },
        height="content",
    )
