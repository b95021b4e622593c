"""Entry point: names the pages and runs the chosen one."""

import streamlit as st

from dl_techniques.ui import shell

shell.configure()
st.navigation(
    [
        st.Page("pages/start.py", title="Start", icon=":material/home:", default=True),
        st.Page("pages/build.py", title="Build", icon=":material/construction:"),
        st.Page("pages/models.py", title="Models", icon=":material/deployed_code:"),
        st.Page("pages/library.py", title="Library", icon=":material/menu_book:"),
        st.Page("pages/live.py", title="Live", icon=":material/show_chart:"),
        st.Page("pages/inspect.py", title="Inspect", icon=":material/search:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
    ],
    position="top",
).run()
