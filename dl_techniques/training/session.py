"""One recipe made ready for training in this process, and its loop."""

import math
from dataclasses import dataclass
from typing import Any

from dl_techniques.datasets import Dataset
from dl_techniques.recipes import datasets_room
from dl_techniques.recipes.build import build_model
from dl_techniques.recipes.schema import Recipe
from dl_techniques.training import checkpoint, failure
from dl_techniques.training.feed import ShuffledBatches, in_batches
from dl_techniques.training.pace import build_objectives, set_pace
from dl_techniques.training.watch import RunWatch, StopRequested


@dataclass(frozen=True)
class Session:
    """What the loop goes through.

    Attributes:
        recipe: The recipe.
        data: Its data set.
        model: Compiled, with the weights of the checkpoint if there was one.
        feed: The batches of each epoch.
        resumed: The checkpoint that it goes on from.
    """

    recipe: Recipe
    data: Dataset
    model: Any
    feed: ShuffledBatches
    resumed: Any = None


def prepare(recipe: Recipe, resumed: Any = None) -> Session:
    """Loads the data and builds the model, with the weights of a checkpoint."""
    training = recipe.training
    data = datasets_room.load(recipe.dataset)
    steps = math.ceil(len(data.x_train) / training.batch_size)
    model = build_model(recipe, data.info, steps=steps * training.epochs)
    inputs = data.inputs_train
    feed = ShuffledBatches(inputs, data.y_train, training.batch_size, training.seed)
    set_pace(
        model,
        batch_size=training.batch_size,
        steps=feed.steps,
        wanted=training.steps_per_execution,
    )
    build_objectives(model, inputs, data.y_train)
    if resumed:
        checkpoint.restore(model, resumed)
    return Session(recipe, data, model, feed, resumed)


def fit(session: Session, watch: RunWatch, *callbacks: Any) -> tuple[str, str]:
    """Trains to the end; returns the status and, where there is one, the reason."""
    reason = _ended_early(watch)
    if reason:
        return "finished", reason
    try:
        _loop(session, watch, *callbacks)
    except StopRequested:
        return "stopped", "stopped on request"
    except failure.NonFiniteLossError as error:
        return "failed", _where_it_broke(error, watch, session)
    return "finished", _ended_early(watch)


def _ended_early(watch: RunWatch) -> str:
    patience = watch.patience
    return patience.reason() if patience and patience.over else ""


def _loop(session: Session, watch: RunWatch, *callbacks: Any) -> None:
    data, training = session.data, session.recipe.training
    held_out = in_batches(data.inputs_test, data.y_test, training.batch_size)
    session.model.fit(
        session.feed.dataset,
        epochs=training.epochs,
        initial_epoch=session.resumed.epoch if session.resumed else 0,
        validation_data=held_out,
        callbacks=[session.feed, watch, *callbacks],
        shuffle=False,
        verbose=0,
    )


def _where_it_broke(
    error: failure.NonFiniteLossError, watch: RunWatch, session: Session
) -> str:
    """Trains the broken epoch again, batch by batch, to name the step."""
    model, feed, good = session.model, session.feed, watch.good
    assert good is not None  # noqa: S101  # `watch` keeps one before the first batch
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
