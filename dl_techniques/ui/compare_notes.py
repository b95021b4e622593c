"""The Compare page: tags, notes, exports and deletion of each run."""

from collections.abc import Sequence

import streamlit as st

from dl_techniques.recipes import dumps, to_link
from dl_techniques.tracking import RunRecord
from dl_techniques.ui import runs, services


def draw(records: Sequence[RunRecord]) -> None:
    """Tags, notes, exports and deletion, a tab a run."""
    st.subheader("Notes and exports")
    named = runs.labels(records)
    for tab, record in zip(
        st.tabs([named[r.id] for r in records]), records, strict=True
    ):
        with tab:
            _one(record)


def _one(record: RunRecord) -> None:
    store = services.store()
    left, right = st.columns(2)
    with left, st.form(f"notes_{record.id}", border=False):
        name = st.text_input("Name", record.name, max_chars=120)
        tags = st.text_input("Tags, separated by commas", ", ".join(record.tags))
        note = st.text_area("Note", record.note, height=90)
        if st.form_submit_button("Save", icon=":material/save:"):
            if name.strip() and name != record.name:
                store.rename(record.id, name)
            store.tag(record.id, tags.split(","))
            store.annotate(record.id, note)
            st.rerun()
    with right:
        _exports(record)
        _delete(record)


def _exports(record: RunRecord) -> None:
    recipe = runs.recipe(record.id)
    question = services.ask(
        "dl_techniques.ui.build_questions.code_of", recipe, key=record.recipe_hash
    )
    st.page_link(
        "pages/live.py",
        label="Open on the Live page",
        icon=":material/show_chart:",
        query_params={"run": record.id},
    )
    st.page_link(
        "pages/inspect.py",
        label="Inspect",
        icon=":material/search:",
        query_params={"run": record.id},
    )
    st.page_link(
        "pages/build.py",
        label="Change the recipe",
        icon=":material/construction:",
        query_params={"m": to_link(recipe)},
    )
    with st.container(horizontal=True):
        _download(record, "Recipe", dumps(recipe), "recipe.yaml", "text/yaml")
        try:
            with st.spinner("Writing the code ..."):
                script, notebook = question.result(30)
        except Exception as error:  # noqa: BLE001  # told in words, the page goes on
            st.caption(f"No code: {error}")
            return
        _download(record, "Script", script, "run.py", "text/x-python")
        _download(record, "Notebook", notebook, "run.ipynb", "application/json")


def _download(record: RunRecord, label: str, text: str, file: str, mime: str) -> None:
    st.download_button(
        label,
        text,
        file_name=file,
        mime=mime,
        key=f"download_{label}_{record.id}",
        icon=":material/download:",
        on_click="ignore",
    )


def _delete(record: RunRecord) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        if record.active:
            st.caption("This run still trains: stop it first.")
            return
        st.write(f"Delete {record.name} with everything it stored?")
        if st.button("Delete for good", key=f"delete_{record.id}", type="primary"):
            services.compute().delete(record.id)
            left = [
                i for i in st.query_params.get("cmp", "").split(",") if i != record.id
            ]
            st.query_params["cmp"] = ",".join(left)
            st.session_state.pop("compare_runs", None)
            st.rerun()
