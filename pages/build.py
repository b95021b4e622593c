"""Page: a recipe put together from data, layers, loss and optimizer."""

import streamlit as st

from dl_techniques.ui import (
    build_answers,
    build_code,
    build_data,
    build_model,
    build_problems,
    build_settings,
    build_stack,
    build_state,
    runs,
    shell,
)

shell.through_app()
runs.follow()
build_state.open_address()
state = build_state.builder()
recipe = state.recipe
info = build_problems.info_of(recipe)
answer = build_problems.report_of(recipe)
problems = build_problems.problems_of(recipe, answer.value)

build_code.train_bar(recipe, problems)
left, middle, right = st.columns([5, 8, 6], gap="medium")
with left:
    st.subheader("Data")
    build_data.draw(recipe, info, problems)
with middle:
    st.subheader("Model")
    named = build_model.pick(recipe, info)
    room = build_model if named else build_stack
    room.draw(recipe, info, answer.value, problems)
with right:
    st.subheader("Loss and training")
    build_settings.draw(recipe, info, problems)
st.subheader("Take it home")
build_code.panes(recipe, problems)
build_state.write_address()
build_answers.poll()
