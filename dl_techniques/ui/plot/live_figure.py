"""Mounts a Plotly figure whose node, zoom and hidden traces survive updates."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st

STATIC = Path(__file__).parents[3] / "static"
_HERE = Path(__file__).parent
_DIGITS = 6
# The script itself is a static file: sent with each figure it would outweigh the data.
_LOADER = """export default async (component) => {
  const module = await import(new URL(component.data.module, document.baseURI));
  module.default(component);
};"""


@cache
def serve_files() -> dict[str, str]:
    """Copies Plotly and our script to the static folder; returns their addresses."""
    plotly_file = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    files = {
        "source": plotly_file,
        "module": _HERE / "figure.js",
        "style": _HERE / "figure.css",
    }
    STATIC.mkdir(exist_ok=True)
    return {name: _served(path) for name, path in files.items()}


def _served(source: Path) -> str:
    content = source.read_bytes()
    target = STATIC / source.name
    if not target.exists() or target.read_bytes() != content:
        part = target.with_suffix(f".part{os.getpid()}")
        part.write_bytes(content)
        part.replace(target)
    return f"app/static/{source.name}?v={hashlib.sha256(content).hexdigest()[:8]}"


@cache
def _component() -> Any:
    return st.components.v2.component(
        "dl_techniques_figure", js=_LOADER, isolate_styles=False
    )


def _short(value: Any) -> Any:
    """Rounds numbers to what a figure and its table can show."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, list):
        return [_short(v) for v in value]
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    return value


def preload() -> None:
    """Lets the browser load Plotly while there is no figure yet."""
    _component()(key="plotly-preload", data={"figure": None, **serve_files()})


def live_figure(figure: go.Figure, *, key: str, alt: str, height: int = 320) -> None:
    """Draws or updates a figure in place.

    Below it the reader finds its numbers as a table and downloads as CSV, PNG and
    SVG, all made in the browser from what was sent.

    Args:
        figure: The figure; its `layout.uirevision` decides whether zoom is kept.
        key: Identifies the node between reruns, and when it comes back to the page.
        alt: What the figure shows, for those who cannot see it.
        height: Height of the drawing in pixels.
    """
    _component()(
        key=key,
        data={
            "key": key,
            "figure": _short(json.loads(figure.to_json())),
            "alt": alt,
            "height": height,
            **serve_files(),
        },
        height="content",
    )
