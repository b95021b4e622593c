"""Runs as pages see them: records, their history read by cursor, colours, choice."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from dl_techniques.recipes import Recipe
from dl_techniques.tracking import RunRecord
from dl_techniques.ui import services
from dl_techniques.visualization.colors import ColorMap

WORDS = {
    "queued": ("waiting", "gray", ":material/hourglass_empty:"),
    "starting": ("starting", "blue", ":material/rocket_launch:"),
    "running": ("training", "blue", ":material/play_arrow:"),
    "paused": ("paused", "orange", ":material/pause:"),
    "stopping": ("stopping", "orange", ":material/stop:"),
    "finished": ("finished", "green", ":material/check:"),
    "stopped": ("stopped", "gray", ":material/stop:"),
    "failed": ("failed", "red", ":material/error:"),
}
_KEPT = 12
_STARTED = "started-run"


class History:
    """Everything a run has logged so far; `refresh` reads only what is new.

    Attributes:
        rows: One row an epoch.
        snapshots: Stored snapshots, oldest first.
        batch: Newest row within an epoch, or None.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.rows: list[Any] = []
        self.snapshots: list[dict[str, Any]] = []
        self.batch: Any = None
        self._row_cursor = self._snapshot_cursor = 0
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Appends what is new; a row that comes again replaces the old one."""
        with self._lock:
            store = services.store()
            new, self._row_cursor = store.metrics_after(self.run_id, self._row_cursor)
            for row in new:
                if any(name.startswith("batch/") for name in row.values):
                    self.batch = row
                    continue
                if self.rows and row.step <= self.rows[-1].step:
                    self.rows = [r for r in self.rows if r.step < row.step]
                    self._forget_snapshots(row.step)
                self.rows.append(row)
            found, self._snapshot_cursor = store.snapshots_after(
                self.run_id, self._snapshot_cursor
            )
            self.snapshots += found

    def _forget_snapshots(self, epoch: int) -> None:
        self.snapshots = [s for s in self.snapshots if s["epoch"] < epoch]
        last = self.snapshots[-1]["epoch"] if self.snapshots else 0
        self._snapshot_cursor = min(self._snapshot_cursor, last)

    def curves(self) -> dict[str, list[Any]]:
        """Returns the epochs and each value over them; gaps are None."""
        names = dict.fromkeys(n for row in self.rows for n in row.values)
        found = {n: [row.values.get(n) for row in self.rows] for n in names}
        return {"epoch": [row.step for row in self.rows], **found}

    def spectra(self, upto: int) -> list[dict[str, Any]]:
        """Returns the newest weight spectra at or before snapshot number `upto`."""
        for snapshot in reversed(self.snapshots[: upto + 1]):
            if snapshot.get("spectra"):
                return list(snapshot["spectra"])
        return []


@st.cache_resource(show_spinner=False)
def _histories() -> "OrderedDict[str, History]":
    return OrderedDict()


def history(run_id: str) -> History:
    """Returns the history of a run, up to date."""
    known = _histories()
    found = known.setdefault(run_id, History(run_id))
    known.move_to_end(run_id)
    while len(known) > _KEPT:
        known.popitem(last=False)
    found.refresh()
    return found


def get(run_id: str) -> RunRecord:
    """Returns the record of a run."""
    return services.store().get(run_id)


@st.cache_data(show_spinner=False, max_entries=100)
def recipe(run_id: str) -> Recipe:
    """Returns the recipe of a run."""
    return services.store().recipe(run_id)


def latest(limit: int = 50) -> tuple[RunRecord, ...]:
    """Returns the newest runs."""
    return services.store().list(limit=limit)


def labels(records: Iterable[RunRecord]) -> dict[str, str]:
    """Returns a name for each run id; equal names get the id's first letters."""
    records = list(records)
    names = [r.name for r in records]
    return {
        r.id: r.name if names.count(r.name) == 1 else f"{r.name} ({r.id[:5]})"
        for r in records
    }


def colors(records: Sequence[RunRecord]) -> ColorMap:
    """Returns each run's own colour by its label, the same for ever."""
    named = labels(records)
    return ColorMap({named[r.id]: r.color_index for r in records})


def badge(record: RunRecord) -> None:
    """Shows the status in a word, an icon and a colour."""
    word, color, icon = WORDS[record.status]
    st.badge(word, icon=icon, color=color)  # type: ignore[arg-type]  # a literal


def train(recipe: Recipe) -> None:
    """Callback: submits a recipe; `follow` then goes to its Live page.

    A callback, because a click seen in the middle of a page is lost when the page
    is drawn anew before it gets there.
    """
    try:
        st.session_state[_STARTED] = services.compute().submit(recipe)
    except (OSError, ValueError) as error:
        st.toast(f"The run could not be started: {error}", icon=":material/error:")


def follow() -> None:
    """Goes to the Live page of a run that was just started here."""
    if run_id := st.session_state.pop(_STARTED, ""):
        st.switch_page("pages/live.py", query_params={"run": run_id})


def choose_one() -> str:
    """Returns the run of `?run=`, else the newest; explains itself if there is none."""
    with st.spinner(services.STORE_OPENS, show_time=True):
        records = latest()
    wanted = st.query_params.get("run", "")
    known = {r.id: r for r in records}
    if wanted and wanted not in known:
        try:
            known[wanted] = get(wanted)
        except (KeyError, ValueError):
            st.warning(f"There is no run {wanted[:40]}.", icon=":material/search_off:")
            wanted = ""
    if not known:
        nothing_yet()
    named = labels(known.values())
    ids = list(known)
    status = _listed(known[wanted]) if wanted else ""
    chosen = st.selectbox(
        "Run",
        ids,
        index=ids.index(wanted) if wanted else 0,
        format_func=lambda i: f"{named[i]} - {_listed(known[i])}",
        key=f"live_run_{wanted}_{status}",  # a new one shows how the run ended
        label_visibility="collapsed",
    )
    if chosen != wanted:
        st.query_params["run"] = chosen
    return chosen


def _listed(record: RunRecord) -> str:
    """Returns a status for a list that is not redrawn while the run goes on."""
    return "not over yet" if record.active else WORDS[record.status][0]


def nothing_yet() -> None:
    """Says that there is no run, how to get one, and stops the page."""
    st.info("No run yet. Start one with a click on a card.", icon=":material/info:")
    st.page_link("pages/start.py", label="Go to Start", icon=":material/home:")
    st.stop()
