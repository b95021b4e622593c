"""Carries out one run of the store, from data to artifacts."""

import contextlib
import importlib
import math
import os
import shutil
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dl_techniques.recipes.schema import Recipe
from dl_techniques.tracking import RunRecord, RunStore, history_of
from dl_techniques.training import checkpoint, devices, failure
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
        store.set_status(run_id, status, reason)  # type: ignore[arg-type]  # one of three
        with contextlib.suppress(Exception):
            store.publish(run_id)
    return status


@contextlib.contextmanager
def _alive(store: RunStore, run_id: str) -> Iterator[None]:
    over = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(OSError):
                store.heartbeat(run_id)
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
    from dl_techniques.recipes import datasets_room
    from dl_techniques.recipes.build import build_model
    from dl_techniques.training.feed import ShuffledBatches, in_batches
    from dl_techniques.training.pace import build_objectives, set_pace
    from dl_techniques.training.watch import RunWatch, StopRequested

    folder = store.run_dir(run_id) / "checkpoint"
    resumed = checkpoint.load(folder / checkpoint.LAST)
    training = recipe.training
    data = datasets_room.load(recipe.dataset)
    steps = math.ceil(len(data.x_train) / training.batch_size)
    model = build_model(recipe, data.info, steps=steps * training.epochs)
    feed = ShuffledBatches(
        data.inputs_train, data.y_train, training.batch_size, training.seed
    )
    set_pace(
        model,
        batch_size=training.batch_size,
        steps=feed.steps,
        wanted=training.steps_per_execution,
    )
    build_objectives(model, data.inputs_train, data.y_train)
    if resumed:
        checkpoint.restore(model, resumed)
        store.rewind(run_id, resumed.epoch)
    watch = RunWatch(
        store,
        run_id,
        writer,
        steps=feed.steps,
        stopping=training.early_stopping,
        progress=progress,
        resumed=resumed,
        announce=lambda: _announce(store, run_id, recipe),
    )
    callbacks = [feed, watch, *_live(store, run_id, recipe, data, writer)]
    status, reason = "finished", ""
    try:
        if not (watch.patience and watch.patience.over):
            model.fit(
                feed.dataset,
                epochs=training.epochs,
                initial_epoch=resumed.epoch if resumed else 0,
                validation_data=in_batches(
                    data.inputs_test, data.y_test, training.batch_size
                ),
                callbacks=callbacks,
                shuffle=False,
                verbose=0,
            )
        if watch.patience and watch.patience.over:
            reason = watch.patience.reason()
    except StopRequested:
        status, reason = "stopped", "stopped on request"
    except failure.NonFiniteLossError as error:
        status, reason = "failed", _where_it_broke(error, watch, model, feed)
    writer.drain()
    _conclude(store, run_id, recipe, data, model, watch)
    if status == "finished":
        shutil.rmtree(folder, ignore_errors=True)
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


def _where_it_broke(
    error: failure.NonFiniteLossError, watch: Any, model: Any, feed: Any
) -> str:
    """Trains the broken epoch again, batch by batch, to name the step."""
    good = watch.good
    checkpoint.restore(model, good)
    model.steps_per_execution = 1
    model.train_function = None
    model.reset_metrics()
    feed.on_epoch_begin(good.epoch)
    step = 0
    for x, y in feed.dataset:
        step += 1
        logs = model.train_on_batch(x, y, return_dict=True)
        if not math.isfinite(float(logs["loss"])):
            break
    checkpoint.restore(model, good)
    return (
        f"{error} at step {step} of epoch {good.epoch + 1}; "
        f"the weights after epoch {good.epoch} are kept"
    )


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
        "dl_techniques.recipes.build",
        "dl_techniques.training.feed",
        "dl_techniques.training.watch",
        "dl_techniques.training.outcome",
        "dl_techniques.training.live",
        "dl_techniques.analysis.callbacks",
    ):
        importlib.import_module(name)
    from dl_techniques import catalog
    from dl_techniques.datasets import load_dataset

    catalog.entries()
    load_dataset("digits")
