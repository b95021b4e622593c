"""Figures as files."""

import html
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization import _files
from dl_techniques.visualization._text import uid
from dl_techniques.visualization.theme import Theme, resolve

PICTURES = ("png", "svg", "pdf")
SCRIPT = "plotly.min.js"


class MissingExporterError(RuntimeError):
    """A picture format was asked for and nothing that can draw it is installed."""


def require(formats: Sequence[str]) -> None:
    """Raises `MissingExporterError` when a format needs kaleido and it is missing."""
    wanted = [f for f in formats if f in PICTURES]
    if wanted and importlib.util.find_spec("kaleido") is None:
        raise MissingExporterError(
            f"{', '.join(wanted)} needs kaleido and Chrome or Chromium: "
            "pip install 'dl_techniques[images]', or save html or json"
        )


def shared_script(root: Path) -> None:
    """Puts plotly.min.js into the folder, once."""
    from plotly.offline import get_plotlyjs

    if not (root / SCRIPT).exists():
        _files.write(root / SCRIPT, get_plotlyjs())


def script_from(root: Path, where: Path) -> str:
    """Returns the address of the shared script as seen from a folder."""
    return "../" * len(where.relative_to(root).parts) + SCRIPT


def encoded(
    figure: go.Figure, kind: str, name: str, script: str, scale: float
) -> bytes | str:
    """Returns a figure in a format; equal figures give equal text."""
    if kind == "json":
        return str(figure.to_json())
    if kind == "html":
        return str(figure.to_html(include_plotlyjs=script, div_id=uid("figure", name)))
    return bytes(figure.to_image(format=kind, scale=scale))


def page(
    figures: Mapping[str, go.Figure],
    title: str,
    columns: int,
    script: str,
    theme: Theme | str,
) -> str:
    """Returns one HTML page of figures in columns."""
    look = resolve(theme)
    paper = "#0e1117" if look.name == "dark" else "#ffffff"
    style = (
        f"body{{margin:16px;background:{paper};color:{look.text};"
        "font-family:system-ui,sans-serif}"
        f"main{{display:grid;grid-template-columns:repeat({columns},minmax(0,1fr));"
        "gap:16px}@media(max-width:700px){main{grid-template-columns:1fr}}"
    )
    parts = [_part(name, figure) for name, figure in figures.items()]
    head = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{head}</title><style>{style}</style>"
        f'<script src="{script}"></script></head>'
        f"<body><h1>{head}</h1><main>{''.join(parts)}</main></body></html>"
    )


def _part(name: str, figure: go.Figure) -> str:
    options: dict[str, Any] = {"include_plotlyjs": False, "full_html": False}
    drawn = figure.to_html(div_id=uid("figure", name), **options)
    return f"<section><h2>{html.escape(name)}</h2>{drawn}</section>"
