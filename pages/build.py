"""Page: a recipe as text, checked before it is trained."""

import streamlit as st

from dl_techniques import recipes
from dl_techniques.ui import runs, start

st.title("Build")
link, run = st.query_params.get("m", ""), st.query_params.get("run", "")
recipe = recipes.Recipe()
try:
    if link:
        recipe = recipes.from_link(link)
    elif run:
        recipe = runs.recipe(run)
except (ValueError, KeyError) as error:
    st.error(str(error), icon=":material/link_off:")
text = st.text_area(
    "Recipe", recipes.dumps(recipe), height=560, key=f"recipe_{link}_{run}"
)
try:
    edited, warnings = recipes.loads_with_warnings(text)
    problems = [str(p) for p in recipes.check(edited)]
except recipes.RecipeError as error:
    edited, warnings, problems = None, (), [str(p) for p in error.problems]
for line in warnings:
    st.warning(line, icon=":material/warning:")
for line in problems:
    st.error(line, icon=":material/error:")
label, shortcut = "Train", "Ctrl+Enter"
blocked = bool(problems)
if st.button(label, type="primary", shortcut=shortcut, disabled=blocked) and edited:
    start.train(edited)
