"""The Compare page: what differs, one table, overlays on shared axes."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dl_techniques.recipes import flatten
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
