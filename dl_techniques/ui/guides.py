"""The guides of `docs/`, read inside the app."""

import re
from pathlib import Path

import streamlit as st

DOCS = Path(__file__).parents[2] / "docs"
_NAMES = ("recipes", "datasets", "analysis", "models", "claims", "performance")
_LINK = re.compile(r"\]\((\w+)\.md(#[\w-]+)?\)")


def draw() -> None:
    """Draws the choice of a guide and the guide."""
    names = [n for n in _NAMES if (DOCS / f"{n}.md").exists()]
    if not names:
        st.info("The guides lie in docs/ of a clone; this installation has none.")
        return
    wanted = st.query_params.get("guide", names[0])
    chosen = st.pills(
        "Guide",
        names,
        default=wanted if wanted in names else names[0],
        format_func=str.capitalize,
        key="library-guide",
        label_visibility="collapsed",
        required=True,
    )
    st.query_params["guide"] = chosen
    with st.container(width=900):
        st.markdown(inside_app((DOCS / f"{chosen}.md").read_text(encoding="utf-8")))


def inside_app(text: str) -> str:
    """Points links between guides to this page; links to other files lead nowhere."""

    def target(found: re.Match[str]) -> str:
        known = found[1] in _NAMES
        return f"](library?guide={found[1]})" if known else "](#)"

    return _LINK.sub(target, text)
