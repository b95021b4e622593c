"""The Live page: one run in figures, with its controls."""

import bisect
from typing import Any

import streamlit as st

from dl_techniques.tracking import RunRecord
from dl_techniques.ui import live_views, plot, runs, services
from dl_techniques.ui.words import plain


def panel(run_id: str) -> None:
    """Draws everything about one run; called again while it trains."""
    record, history = runs.get(run_id), runs.history(run_id)
    _head(record, history)
    with st.container(key="live_failure"):  # always there: what follows keeps its place
        if record.status == "failed":
            _failure(record)
    if not history.rows:
        _waiting(record, history)
        return
    views = live_views.offered(history)
    if st.session_state.get("live_view") not in views:
        st.session_state.pop("live_view", None)  # a view of the run shown before
    left, right = st.columns([2, 1], vertical_alignment="center")
    with left:
        view = st.segmented_control(
            "View",
            views,
            default=views[0],
            key="live_view",
            label_visibility="collapsed",
        )
    with right:
        place = _snapshot_slider(record, history)
    snapshot = history.snapshots[place] if history.snapshots else None
    with st.container(key="live_alerts"):
        _alerts(snapshot)
    live_views.VIEWS[view or views[0]](record, history, snapshot, place)


def _head(record: RunRecord, history: runs.History) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", key="live_head", gap="small"
    ):
        st.markdown(f"**{plain(record.name)}**", width="content")
        runs.badge(record)
        _controls(record)
    share = record.epoch / record.epochs if record.epochs else 0.0
    done = f"epoch {record.epoch} of {record.epochs}"
    words = [done, _eta(record, history), record.device, _values(record)]
    st.progress(min(share, 1.0), text=" · ".join(w for w in words if w))


def _values(record: RunRecord) -> str:
    shown = {
        "loss": "loss {:.4g}",
        "val_loss": "held-out loss {:.4g}",
        "val_accuracy": "held-out accuracy {:.1%}",
        "val_clip_accuracy": "held-out pairs found {:.1%} of a batch",
    }
    return ", ".join(
        form.format(record.last[name])
        for name, form in shown.items()
        if name in record.last
    )


def _eta(record: RunRecord, history: runs.History) -> str:
    if not record.active or len(history.rows) < 1:
        return ""
    times = [r.values.get("epoch_seconds") for r in history.rows[-5:]]
    known = [t for t in times if t]
    if not known:
        return ""
    seconds = (record.epochs - record.epoch) * sum(known) / len(known)
    return (
        f"about {seconds:.0f} s left"
        if seconds < 90
        else f"about {seconds / 60:.0f} min left"
    )


def _controls(record: RunRecord) -> None:
    compute, run_id = services.compute(), record.id
    if record.status in ("starting", "running"):
        _button("Pause", "pause", lambda: compute.pause(run_id))
    if record.status == "paused":
        _button("Resume", "play_arrow", lambda: compute.resume(run_id))
        _button("Step", "skip_next", lambda: compute.step(run_id))
    if record.active and record.status != "stopping":
        _button("Stop", "stop", lambda: compute.stop(run_id))
    if record.status in ("starting", "running", "paused"):
        _learning_rate(record)
    if record.status in ("stopped", "failed"):
        _button("Resume", "play_arrow", lambda: compute.resume(run_id))
    if record.status == "finished":
        st.page_link(
            "pages/inspect.py",
            label="Inspect",
            icon=":material/search:",
            query_params={"run": run_id},
        )
    st.page_link(
        "pages/build.py",
        label="Change the recipe",
        icon=":material/construction:",
        query_params={"run": run_id},
    )


def _button(label: str, icon: str, act: Any) -> None:
    def safe() -> None:
        try:
            act()
        except (ValueError, KeyError) as error:
            st.toast(str(error), icon=":material/error:")

    st.button(label, key=f"live_{label}", icon=f":material/{icon}:", on_click=safe)


def _learning_rate(record: RunRecord) -> None:
    with st.popover("Learning rate", icon=":material/speed:"):
        now = record.last.get("learning_rate", 1e-3)
        value = st.number_input(
            "Learning rate from now on",
            min_value=1e-8,
            max_value=100.0,
            value=now,
            format="%.3e",
            key=f"live_rate_{record.id}",
        )
        if st.button("Set", key="live_set_rate"):
            services.compute().set_learning_rate(record.id, value)


def _failure(record: RunRecord) -> None:
    st.error(record.reason or "The run failed.", icon=":material/error:")
    with st.expander("What the run printed last"):
        st.code(services.store().log_text(record.id) or "Nothing.", language=None)


def _waiting(record: RunRecord, history: runs.History) -> None:
    plot.preload()
    compute = services.compute()
    if record.status == "queued":
        ahead = [i for i in compute.waiting() if i != record.id]
        text = "Waiting for a free slot" if ahead or compute.ready else "Starting"
        if not compute.ready:
            text += ": the compute processes are loading Keras, about 10 seconds"
        st.info(text + ".", icon=":material/hourglass_empty:")
    elif record.active:
        st.info("The first epoch is on its way.", icon=":material/hourglass_empty:")
        if history.batch is not None:
            loss = history.batch.values.get("batch/loss")
            st.caption(f"batch {history.batch.step}: loss {loss:.4g}")
    else:
        st.info("The run ended before its first epoch was done.")


def _snapshot_slider(record: RunRecord, history: runs.History) -> int:
    """Returns the chosen snapshot; the right end follows the newest one.

    Its ends never change, so that a choice stays while the run goes on.
    """
    epochs = [s["epoch"] for s in history.snapshots]
    if len(epochs) < 2:
        return len(epochs) - 1
    chosen = st.slider(
        "Snapshot",
        min_value=1,
        max_value=record.epochs,
        value=record.epochs,
        format="epoch %d",
        key=f"live_snapshot_{history.run_id}",
        label_visibility="collapsed",
        help="Go back through the run: the figures of one moment follow.",
    )
    return max(bisect.bisect_right(epochs, chosen) - 1, 0)


def _alerts(snapshot: dict[str, Any] | None) -> None:
    found = list(snapshot.get("alerts", [])) if snapshot else []
    if found:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        st.warning("; ".join(map(plain, found[:3])) + more, icon=":material/warning:")
