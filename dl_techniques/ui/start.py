"""The Start page: experiments of one click, recent runs, the machine."""

from datetime import datetime

import streamlit as st

from dl_techniques.recipes import Example, examples, to_link
from dl_techniques.ui import runs, services

COLUMNS = 3


@st.cache_data(show_spinner=False)
def _examples() -> tuple[Example, ...]:
    return examples()


def cards() -> None:
    """Shows a card for each experiment; one click trains it."""
    st.caption(
        "Pick an experiment: one click trains it and shows what happens inside. "
        "Build changes it, layer by layer."
    )
    found = sorted(_examples(), key=lambda e: e.slug != "digits-mlp")
    for first in range(0, len(found), COLUMNS):
        row = st.columns(COLUMNS)
        for column, example in zip(row, found[first : first + COLUMNS], strict=False):
            with column:
                _card(example)


def _card(example: Example) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{example.title}**")
        st.caption(_short(example.text))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Train",
                key=f"train_{example.slug}",
                type="primary",
                icon=":material/play_arrow:",
                help=f"Train {example.title} and watch it",
                on_click=runs.train,
                args=(example.recipe,),
            )
            st.page_link(
                "pages/build.py",
                label="Change",
                icon=":material/construction:",
                query_params={"m": to_link(example.recipe)},
            )
            if example.text != _short(example.text):
                with st.popover(
                    "What to expect", type="tertiary", icon=":material/info:"
                ):
                    st.markdown(example.text)


def _short(text: str, longest: int = 180) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0] + " ..."


@st.fragment(run_every=3.0)
def recent_runs(limit: int = 12) -> None:
    """Lists the newest runs with status and values."""
    with st.spinner(services.STORE_OPENS, show_time=True):
        records = runs.latest(limit)
    if not records:
        st.info("Nothing trained yet.", icon=":material/info:")
        return
    rows = [
        {
            "run": f"live?run={r.id}",
            "name": r.name,
            "status": runs.WORDS[r.status][0],
            "epochs": f"{r.epoch} / {r.epochs}",
            "data": r.dataset,
            "held-out accuracy": r.best.get("val_accuracy"),
            "held-out loss": r.last.get("val_loss"),
            "started": datetime.fromtimestamp(r.created),  # noqa: DTZ006, RUF100  # local time
        }
        for r in records
    ]
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "run": st.column_config.LinkColumn("", display_text="open", width="small"),
            "held-out accuracy": st.column_config.NumberColumn(format="percent"),
            "held-out loss": st.column_config.NumberColumn(format="%.4g"),
            "started": st.column_config.DatetimeColumn(format="distance"),
        },
    )


@st.fragment(run_every=3.0)
def machine_line() -> None:
    """Says what trains here and how long the queue is."""
    compute = services.compute()
    waiting = len(compute.waiting())
    state = "ready" if compute.ready else "warming up, a first run waits for it"
    queue = f"{waiting} waiting" if waiting else "no run waits"
    st.caption(
        f":material/memory: {compute.place}, {queue} · compute processes: {state}"
    )
