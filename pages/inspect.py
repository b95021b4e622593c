"""Page: one finished model, looked at from outside and inside."""

import streamlit as st

from dl_techniques.ui import inspect_subject, inspect_views, shell

shell.through_app()
st.title("Inspect a model")
subject = inspect_subject.choose()  # explains itself and stops when there is none
view = st.segmented_control(
    "View",
    inspect_views.names(subject),
    default=inspect_views.names(subject)[0],
    key="inspect_view",
    label_visibility="collapsed",
)
inspect_views.draw(subject, view)
