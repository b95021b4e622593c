"""The plotting library as a file that the server hands out."""

import importlib.util
import shutil
from functools import cache
from pathlib import Path

import streamlit as st

STATIC = Path(__file__).parents[3] / "static"
NAME = "plotly.min.js"


@cache
def provide(folder: Path = STATIC) -> Path:
    """Copies plotly's script to the static folder unless the same is there."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is not installed")
    source = Path(spec.origin).parent / "package_data" / NAME
    target = folder / NAME
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        folder.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        shutil.copyfile(source, partial)
        partial.replace(target)
    return target


def address() -> str:
    """Returns where a browser finds it."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/app/static/{NAME}" if base else f"/app/static/{NAME}"
