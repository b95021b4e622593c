"""Page: one run, watched while it trains."""

import streamlit as st

from dl_techniques.ui import live, runs, shell

shell.through_app()
run_id = runs.choose_one()  # explains itself and stops when there is none
polling = runs.get(run_id).active
fast = polling and not runs.history(run_id).rows


def watch() -> None:
    """Redraws from the run store what is new; the run never knows of this page."""
    live.panel(run_id)
    record = runs.get(run_id)
    if (polling and not record.active) or (fast and runs.history(run_id).rows):
        st.rerun()  # once in full: without the timer, or with the usual one


st.fragment(watch, run_every=(0.4 if fast else 1.0) if polling else None)()
