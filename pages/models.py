"""Page: the gallery of full models."""

import streamlit as st

from dl_techniques.ui import build_answers, model_gallery, shell

shell.through_app()
st.title("Models")
model_gallery.draw()
build_answers.poll()
