"""Page: experiments of one click, and what was trained lately."""

import streamlit as st

from dl_techniques.ui import runs, shell, start

shell.through_app()
runs.follow()
st.title("Watch a network learn")
start.cards()
st.subheader("Recent runs")
start.recent_runs()
start.machine_line()
