"""Carries out one run of the store, from data to artifacts."""

import contextlib
import importlib
import os
import shutil
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dl_techniques.recipes.schema import Recipe
from dl_techniques.tracking import RunRecord, RunStore, history_of
from dl_techniques.training import checkpoint, control, devices, failure
from dl_techniques.training.writer import Writer

HEARTBEAT = 1.0


def train_here(
    recipe: Recipe, *, home: str | Path | None = None, progress: Any = None
) -> RunRecord:
    """Trains in this process and returns the record.

    Args:
        recipe: The recipe; the environment's `KERAS_BACKEND` goes before its backend.
        home: Folder of the store.
        progress: Called with (epoch, values) after each epoch.
    """
    store = RunStore(home)
    run_id = store.create(recipe)
    store.set_status(run_id, "starting")
    run_recipe(run_id, store.home, progress=progress, store=store)
    return store.get(run_id)


def run_recipe(
    run_id: str,
    home: str | Path | None = None,
    *,
    progress: Any = None,
    store: RunStore | None = None,
) -> str:
    """Trains the run, goes on from its checkpoint if there is one; returns the status.

    Never raises for a failing recipe: the reason is in the record, the traceback in
    the run's log.
    """
    store = store or RunStore(home)
    writer = Writer()
    with _alive(store, run_id):
        try:
            recipe = store.recipe(run_id)
            os.environ.setdefault("KERAS_BACKEND", recipe.training.backend)
            status, reason = _train(store, run_id, recipe, writer, progress)
        except KeyboardInterrupt:
            status, reason = "stopped", "interrupted from the keyboard"
        except BaseException as error:  # noqa: BLE001  # any failure is a result
            traceback.print_exc()
            status, reason = "failed", failure.describe(error)
        writer.close()
        with contextlib.suppress(Exception):
            store.publish(run_id)  # first: who sees that it ended finds its files
        store.set_status(run_id, status, reason)  # type: ignore[arg-type]  # one of three
    return status


@contextlib.contextmanager
def _alive(store: RunStore, run_id: str) -> Iterator[None]:
    over = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(Exception):  # a server may be away for a while
                store.heartbeat(run_id)
                control.receive(store, run_id)
            if over.wait(HEARTBEAT):
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _train(
    store: RunStore, run_id: str, recipe: Recipe, writer: Writer, progress: Any
) -> tuple[str, str]:
    from dl_techniques.training import session
    from dl_techniques.training.watch import RunWatch

    folder = store.run_dir(run_id) / "checkpoint"
    control.receive(store, run_id)
    checkpoint.take_over(store, run_id)
    resumed = checkpoint.load(folder / checkpoint.LAST)
    ready = session.prepare(recipe, resumed)
    if resumed:
        store.rewind(run_id, resumed.epoch)
    watch = RunWatch(
        store,
        run_id,
        writer,
        steps=ready.feed.steps,
        stopping=recipe.training.early_stopping,
        progress=progress,
        resumed=resumed,
        announce=lambda: _announce(store, run_id, recipe),
    )
    live = _live(store, run_id, recipe, ready.data, writer)
    status, reason = session.fit(ready, watch, *live)
    writer.drain()
    _conclude(store, run_id, recipe, ready.data, ready.model, watch)
    if status == "finished":
        shutil.rmtree(folder, ignore_errors=True)
    else:
        checkpoint.hand_over(store, run_id)
    return status, reason


def _announce(store: RunStore, run_id: str, recipe: Recipe) -> None:
    store.set_fields(
        run_id,
        pid=os.getpid(),
        device=devices.label(recipe.training.device),
        backend=os.environ.get("KERAS_BACKEND", "tensorflow"),
    )
    store.set_status(run_id, "running")


def _live(
    store: RunStore, run_id: str, recipe: Recipe, data: Any, writer: Writer
) -> list[Any]:
    spec = recipe.analysis
    if not spec.enabled:
        return []
    from dl_techniques.training.live import live_callback

    return [live_callback(store, run_id, recipe, data, writer)]


def _conclude(
    store: RunStore, run_id: str, recipe: Recipe, data: Any, model: Any, watch: Any
) -> None:
    from dl_techniques.training import outcome

    folder = store.artifact_dir(run_id)
    best = None
    if watch.patience and watch.patience.spec.restore_best:
        path = store.run_dir(run_id) / "checkpoint" / checkpoint.BEST
        best = checkpoint.load(path)
    if best or watch.good:
        checkpoint.restore(model, best or watch.good)
    outcome.keep_recipe(folder, recipe)
    outcome.keep_model(folder, model)
    history = history_of(store, run_id)
    for keep, args in (
        (outcome.keep_predictions, (folder, model, data)),
        (outcome.keep_representation, (folder, model, data)),
        (outcome.keep_analysis, (folder, model, data, recipe, history)),
    ):
        try:
            keep(*args)
        except Exception:  # noqa: BLE001  # the run itself went well
            traceback.print_exc()


def preload() -> None:
    """Imports what a run needs, before a fork; starts no backend."""
    from dl_techniques.tracking import client

    client.preload()
    for name in (
        "keras",
        "tensorflow",
        "sklearn.datasets",
        "psutil",
        "dl_techniques.datasets",
        "dl_techniques.training.session",
        "dl_techniques.training.outcome",
        "dl_techniques.training.live",
        "dl_techniques.analysis.callbacks",
    ):
        importlib.import_module(name)
    from dl_techniques import catalog
    from dl_techniques.datasets import load_dataset

    catalog.entries()
    load_dataset("digits")
