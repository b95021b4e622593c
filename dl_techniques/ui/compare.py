"""The Compare page: what differs, one table, overlays on shared axes, notes."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dl_techniques.recipes import dumps, flatten, to_link
from dl_techniques.tracking import RunRecord
from dl_techniques.ui import runs, services
from dl_techniques.ui.plot import live_figure
from dl_techniques.ui.shell import theme
from dl_techniques.visualization.calibration import reliability_figure
from dl_techniques.visualization.live import histograms_figure
from dl_techniques.visualization.spectra import alpha_by_layer_figure
from dl_techniques.visualization.training import training_curves_figure

MOST = 8
_UNIMPORTANT = ("name", "version")
Records = Sequence[RunRecord]


def choose() -> list[RunRecord]:
    """Lets a person pick runs; `?cmp=` names them; stops when there is none."""
    with st.spinner(services.STORE_OPENS, show_time=True):
        known = {r.id: r for r in runs.latest(200)}
    if not known:
        runs.nothing_yet()
    wanted = [i for i in st.query_params.get("cmp", "").split(",") if i in known]
    named = runs.labels(known.values())
    ids = st.multiselect(
        "Runs",
        list(known),
        default=wanted or list(known)[:2],
        format_func=lambda i: f"{named[i]} · {known[i].dataset}",
        max_selections=MOST,
        key="compare_runs",
    )
    if not ids:
        st.info("Pick the runs to compare.", icon=":material/info:")
        st.stop()
    if st.query_params.get("cmp", "") != ",".join(ids):
        st.query_params["cmp"] = ",".join(ids)
    return [known[i] for i in ids]


def differences(records: Records) -> None:
    """Shows the fields of the recipes that differ, a column a run."""
    st.subheader("What differs")
    flat = [flatten(runs.recipe(r.id)) for r in records]
    keys = dict.fromkeys(k for f in flat for k in f if k not in _UNIMPORTANT)
    rows = {
        k: [f.get(k, "-") for f in flat]
        for k in keys
        if len({f.get(k, "-") for f in flat}) > 1
    }
    if not rows:
        same = "The recipes are equal: what differs in the results is chance."
        st.caption(same if len(records) > 1 else "Pick a second run to compare.")
        return
    _table(records, rows, "field")


def values(records: Records) -> None:
    """Shows the last and the best value of each metric, a column a run."""
    st.subheader("Values")
    names = dict.fromkeys(n for r in records for n in r.last)
    rows: dict[str, list[Any]] = {
        "status": [runs.WORDS[r.status][0] for r in records],
        "epochs": [f"{r.epoch} of {r.epochs}" for r in records],
    }
    for name in names:
        words = name.replace("val_", "held-out ").replace("_", " ")
        rows[words] = [_pair(r, name) for r in records]
    _table(records, rows, "last (best)")


def _pair(record: RunRecord, name: str) -> str:
    last, best = record.last.get(name), record.best.get(name)
    if last is None:
        return "-"
    return f"{last:.4g}" if best is None or best == last else f"{last:.4g} ({best:.4g})"


def _table(records: Records, rows: dict[str, list[Any]], head: str) -> None:
    named = runs.labels(records)
    columns = [named[r.id] for r in records]
    st.dataframe(
        [{head: k, **dict(zip(columns, v, strict=True))} for k, v in rows.items()],
        hide_index=True,
    )


def overlays(records: Records) -> None:
    """Draws curves, reliability, spectra and activations of all runs together."""
    named, colors = runs.labels(records), runs.colors(records)
    histories = {named[r.id]: runs.history(r.id) for r in records}
    curves = {n: h.curves() for n, h in histories.items() if h.rows}
    last = {n: h.snapshots[-1] for n, h in histories.items() if h.snapshots}
    st.subheader("Curves")
    metrics = list(dict.fromkeys(k for c in curves.values() for k in c))
    shown = [m for m in metrics if f"val_{m}" in metrics]
    for first in range(0, len(shown), 2):
        for column, metric in zip(
            st.columns(2), shown[first : first + 2], strict=False
        ):
            figure = training_curves_figure(
                curves, metric=metric, colors=colors, theme=theme()
            )
            with column:
                _show(metric, figure, f"{metric} of every run over the epochs", 330)
    st.subheader("Inside, at the end of each run")
    left, right = st.columns(2)
    diagrams = {n: s["calibration"] for n, s in last.items() if s.get("calibration")}
    with left:
        figure = reliability_figure(diagrams, colors=colors, theme=theme())
        _show("reliability", figure, "Reliability diagrams of every run", 400)
    spectra = {n: h.spectra(len(h.snapshots)) for n, h in histories.items()}
    with right:
        figure = alpha_by_layer_figure(spectra, colors=colors, theme=theme())
        _show("alpha", figure, "Exponent alpha by layer of every run", 400)
    figure = histograms_figure(
        last, "activations", theme=theme(), positions=colors.positions
    )
    height = int(figure.layout.height or 320)
    _show("activations", figure, "Activation histograms of every run", height)


def _show(name: str, figure: Any, alt: str, height: int) -> None:
    live_figure(figure, key=f"compare_{name}", alt=alt, height=height)


def housekeeping(records: Records) -> None:
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
