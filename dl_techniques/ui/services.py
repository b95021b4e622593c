"""What the whole server shares: the run store and the compute processes."""

import gc
import importlib
import threading
from concurrent.futures import Future
from typing import Any

import streamlit as st

from dl_techniques.tracking import RunStore
from dl_techniques.training import Compute

STORE_OPENS = "The run store is opening ..."


@st.cache_resource(show_spinner=False)
def compute() -> Compute:
    """Returns the compute processes, warming up in the background."""
    service = Compute()
    service.warm()
    threading.Thread(target=_prepare, args=(service.store,), daemon=True).start()
    return service


def _prepare(store: RunStore) -> None:
    """Loads what the first figure needs, before someone waits for it.

    What was loaded by then stays for good: the garbage collector may skip it.
    """
    store.warm().join()
    figures = importlib.import_module("dl_techniques.visualization.training")
    figures.training_curves_figure({"epoch": [1], "loss": [1.0]}).to_json()
    importlib.import_module("dl_techniques.ui.live_views")
    gc.collect()
    gc.freeze()


def store() -> RunStore:
    """Returns the run store; its first use waits until it is open."""
    return compute().store


def ask(function: str, *args: Any, key: str, timeout: float = 60.0) -> "Future[Any]":
    """Asks a compute process once per `key`; later calls get the same answer.

    A question that failed is asked again next time.
    """
    answers: dict[tuple[str, str], Future[Any]] = _answers()
    known = answers.get((function, key))
    if known is None or (known.done() and known.exception() is not None):
        known = compute().ask(function, *args, timeout=timeout)
        answers[function, key] = known
        while len(answers) > 256:
            answers.pop(next(iter(answers)))
    return known


@st.cache_resource(show_spinner=False)
def _answers() -> dict[tuple[str, str], "Future[Any]"]:
    return {}
