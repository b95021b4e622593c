"""Page: every component with its arguments and source, and the guides."""

import streamlit as st

from dl_techniques.ui import component_reference, guides, shell

shell.through_app()
st.title("Library")
room = st.segmented_control(
    "Part",
    ["Components", "Guides"],
    default="Guides" if "guide" in st.query_params else "Components",
    key="library-part",
    label_visibility="collapsed",
)
if room == "Guides":
    guides.draw()
else:
    st.query_params.pop("guide", None)
    component_reference.draw()
