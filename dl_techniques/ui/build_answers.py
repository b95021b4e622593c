"""Answers that come later: asked once a key, shown as a skeleton until then."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dl_techniques.ui import services

PATIENCE = 0.12  # seconds that a page waits before it draws a skeleton
POLL = 0.4
_KEPT = 64


@dataclass(frozen=True)
class Answer:
    """Where a question stands.

    Attributes:
        done: Whether there is an answer or an error.
        value: The answer.
        error: Why there is none, in one line.
    """

    done: bool = False
    value: Any = None
    error: str = ""


def ask(function: str, *args: Any, key: str) -> Answer:
    """Returns what is known of `function(*args)`, a question to a compute process.

    A question that failed is not asked again before `forget`.
    """
    return _known((function, key), lambda: services.ask(function, *args, key=key))


def ask_store(key: str, question: Callable[[], Any]) -> Answer:
    """Returns what is known of a slow look into the run store."""
    return _known(("store", key), lambda: _threads().submit(question))


def forget(function: str, key: str) -> None:
    """Lets a question be asked again."""
    _futures().pop((function, key), None)


def poll() -> None:
    """Draws the page anew as soon as an answer comes that it is waiting for."""
    waiting = set(_waiting())
    _waiting().clear()
    if not waiting:
        return
    known = [_futures()[name] for name in waiting if name in _futures()]

    @st.fragment(run_every=POLL)
    def look() -> None:
        if any(future.done() for future in known):
            st.rerun()

    look()


def _known(name: tuple[str, str], start: Callable[[], "Future[Any]"]) -> Answer:
    futures = _futures()
    if name not in futures:
        futures[name] = start()
        while len(futures) > _KEPT:
            futures.pop(next(iter(futures)))
    future = futures[name]
    if not future.done():
        wait([future], PATIENCE)
    if not future.done():
        _waiting().add(name)
        return Answer()
    error = future.exception()
    if error is not None:
        return Answer(done=True, error=str(error) or type(error).__name__)
    return Answer(done=True, value=future.result())


def _futures() -> dict[tuple[str, str], "Future[Any]"]:
    found: dict[tuple[str, str], Future[Any]]
    found = st.session_state.setdefault("build-answers", {})
    return found


def _waiting() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = st.session_state.setdefault("build-waiting", set())
    return found


@st.cache_resource(show_spinner=False)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="build-page")
