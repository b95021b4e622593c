"""Train, the difference to the last trained recipe, and the recipe as code."""

import time
from typing import Any

import streamlit as st

from dl_techniques.recipes import Recipe, diff, dumps, recipe_hash, to_link
from dl_techniques.ui import build_answers, build_state, runs, services

CODE = "dl_techniques.ui.build_questions.code_of"
_SENT = "build-sent"


def train_bar(recipe: Recipe, problems: Any) -> None:
    """Draws the name, the Train button and what changed since the last training."""
    state = build_state.builder()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        if st.session_state.get("build-name") != recipe.name:
            st.session_state["build-name"] = recipe.name
        st.text_input(
            "Name of the run", key="build-name", max_chars=120, on_change=_rename
        )
    with right:
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            shortcut="Ctrl+Enter",
            disabled=bool(problems),
            help="Mend the red lines first." if problems else "Ctrl+Enter",
            width="stretch",
            key="build-train",
            on_click=_train,
            args=(recipe,),
        )
    _changes(recipe)
    for note in state.notes:
        st.warning(note, icon=":material/info:")
    state.notes.clear()


def _train(recipe: Recipe) -> None:
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    runs.train(recipe)


def _rename() -> None:
    name = st.session_state["build-name"].strip()
    if name:
        build_state.set_field("name", name)


def _changes(now: Recipe) -> None:
    answer = build_answers.ask_store(
        f"newest-{int(time.time() // 30)}-{st.session_state.get(_SENT, 0)}", _newest
    )
    if answer.value is None:
        return
    name, before = answer.value
    found = [c for c in diff(before, now) if c.path != "name"]
    if not found:
        st.caption(f"The same recipe as the newest run, {name}.")
        return
    words = [f"`{c.path}` {_short(c.before)} → {_short(c.after)}" for c in found[:4]]
    more = f", and {len(found) - 4} more" if len(found) > 4 else ""
    st.caption(f"Since the newest run, {name}: " + ", ".join(words) + more)


def _newest() -> tuple[str, Recipe] | None:
    records = services.store().list(limit=1)
    if not records:
        return None
    return records[0].name, services.store().recipe(records[0].id)


def _short(value: Any) -> str:
    text = "default" if value is None else str(value)
    return text if len(text) <= 24 else text[:21] + "..."


def panes(recipe: Recipe, problems: Any) -> None:
    """Draws script, notebook, recipe and link."""
    script, text, link = st.tabs(["Script and notebook", "Recipe", "Link"])
    with script:
        if problems:
            st.caption("The code is written when the recipe has no error.")
        else:
            _code(recipe)
    with text:
        st.code(dumps(recipe), language="yaml", height=320)
        _download("Download the recipe", dumps(recipe), "recipe.yaml")
        with st.popover("Open a recipe", icon=":material/content_paste:"):
            pasted = st.text_area("YAML or JSON", height=220, key="build-paste")
            if st.button("Open", key="build-open") and pasted.strip():
                wrong = build_state.import_text(pasted)
                for line in wrong:
                    st.error(line, icon=":material/error:")
                if not wrong:
                    st.rerun()
    with link:
        st.caption("This address opens the recipe: add it to the address of Build.")
        st.code(f"build?m={to_link(recipe)}", language=None, wrap_lines=True)


def _code(recipe: Recipe) -> None:
    answer = build_answers.ask(CODE, recipe, key=recipe_hash(recipe) + recipe.name)
    if not answer.done:
        st.caption(":material/hourglass_empty: writing the code ...")
    elif answer.error:
        st.caption(f"No code: {answer.error}")
    else:
        script, notebook = answer.value
        st.code(script, language="python", height=320)
        with st.container(horizontal=True):
            _download("Download the script", script, "run.py")
            _download("Download the notebook", notebook, "run.ipynb")


def _download(label: str, text: str, file: str) -> None:
    st.download_button(
        label, text, file_name=file, icon=":material/download:", on_click="ignore"
    )
