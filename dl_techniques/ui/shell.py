"""What every page has: settings, the services behind it, and a little style."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from dl_techniques.ui import plot, services

_ICON = Path(__file__).with_name("icon.svg")
_STYLE = """
<style>
.block-container {padding-top: 4.2rem; padding-bottom: 2rem; max-width: 1500px;}
h1 {font-size: 1.7rem !important; padding-bottom: 0.3rem !important;}
h3 {font-size: 1.15rem !important; padding-bottom: 0.2rem !important;}
</style>
"""

# White letters on the light blue of the dark theme cannot be read.
_DARK = """
<style>
button[kind="primary"], button[kind="primary"] *,
span[data-baseweb="tag"], span[data-baseweb="tag"] * {color: #0b1220 !important;}
</style>
"""


def configure() -> None:
    """Sets the page up and starts the compute processes in the background."""
    st.set_page_config(
        page_title="dl_techniques",
        page_icon=_ICON,  # a named icon would be asked from a server elsewhere
        layout="wide",
    )
    st.html(_STYLE)
    if theme() == "dark":
        st.html(_DARK)
    plot.serve_files()
    services.compute()


def through_app() -> None:
    """Starts over at `app.py` where Streamlit ran a file of `pages/` by itself.

    It does so on a visit to an address like /build before `app.py` ran once.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def theme() -> str:
    """Returns "light" or "dark", whichever the browser shows."""
    return "dark" if st.context.theme.type == "dark" else "light"
