"""Page: runs side by side."""

import streamlit as st

from dl_techniques.ui import compare, compare_answers, compare_notes, shell

shell.through_app()
st.title("Compare runs")
chosen = compare.choose()  # explains itself and stops when there is none
compare.differences(chosen)
compare.values(chosen)
compare.overlays(chosen)
compare_answers.draw(chosen)
compare_notes.draw(chosen)
