"""What happens at the ends of batches and epochs of a run.

One class: Keras calls it, and storing, checking and following requests share its clock.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from dl_techniques.recipes.schema import EarlyStopping
from dl_techniques.tracking import RunStore
from dl_techniques.training import checkpoint
from dl_techniques.training.checkpoint import State
from dl_techniques.training.control import Control, ControlReader, control_path
from dl_techniques.training.early_stopping import Patience
from dl_techniques.training.failure import NonFiniteLossError
from dl_techniques.training.writer import Writer

Progress = Callable[[int, dict[str, float]], None]
LOOK = 0.05  # seconds between two looks at the control and the loss
ANNOUNCE = 1.0  # seconds of the first epoch after which the run counts as running
WITHIN = 0.5  # seconds between two rows within an epoch


class StopRequested(Exception):  # noqa: N818  # a wish, not an error
    """A person asked the run to stop."""


class RunWatch(keras.callbacks.Callback):
    """Stores epochs and checkpoints, follows requests, and looks after the loss.

    Everything slow goes to the writer; the training waits only while it is paused.

    Args:
        store: Where the run lives.
        run_id: The run.
        writer: Writes in the background.
        steps: Batches an epoch.
        stopping: The recipe's early stopping.
        progress: Called with (epoch, values) after each epoch.
        resumed: The state from which the run goes on.
        announce: Tells the store that the run trains; called in the writer, after
            the first epoch or when that takes long.
    """

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        writer: Writer,
        *,
        steps: int,
        stopping: EarlyStopping | None = None,
        progress: Progress | None = None,
        resumed: State | None = None,
        announce: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.store, self.run_id, self.writer = store, run_id, writer
        self.good: State | None = resumed
        self.paused = 0.0
        self.early = False
        notes = resumed.notes if resumed else {}
        self.patience = Patience(stopping, notes.get("patience")) if stopping else None
        self._folder = store.run_dir(run_id) / "checkpoint"
        self._reader = ControlReader(control_path(store.run_dir(run_id)))
        first = self._reader.read()
        self._steps_done = first.steps
        self._rate_changes = notes.get("rate_changes", 0)
        self._steps, self._progress, self._announce = steps, progress, announce
        self._epoch, self._batch = 0, 0
        self._epoch_start = self._looked = self._rowed = time.monotonic()

    # --- Keras calls

    def on_train_begin(self, logs: Any = None) -> None:
        if self.good is None:
            self.good = checkpoint.capture(self.model, 0)
        self._follow()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._batch = epoch, 0
        self._epoch_start, self.paused = time.monotonic(), 0.0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batch = min(batch + 1, self._steps)
        now = time.monotonic()
        if now - self._looked < LOOK and not self._stepping:
            return
        self._looked = now
        if now - self._epoch_start > ANNOUNCE:
            self._tell()
        loss = self._check(logs or {})
        if now - self._rowed >= WITHIN and self._batch < self._steps:
            self._rowed = now
            done = self._epoch * self._steps + self._batch
            row = {"batch/loss": loss}
            epoch = self._epoch + 1
            self.writer.put(
                lambda: self.store.log(self.run_id, done, row, epoch=epoch, hold=True)
            )
        last = self._batch >= self._steps
        if not (last and self._stepping):  # the pause then comes after the epoch's row
            self._follow()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._check(logs or {})
        number = epoch + 1
        values = {k: float(v) for k, v in (logs or {}).items()}
        values["learning_rate"] = learning_rate(self.model)
        values["epoch_seconds"] = time.monotonic() - self._epoch_start - self.paused
        better = bool(self.patience and self.patience.improved(number, values))
        self.good = checkpoint.capture(self.model, number, self._notes())
        self._store_epoch(number, values, self.good, better)
        self._tell()
        if self._progress:
            self._progress(number, values)
        if self.patience and self.patience.over:
            self.early = self.model.stop_training = True
        self._rowed = time.monotonic()
        self._follow()

    # --- details

    @property
    def _stepping(self) -> bool:
        return self._reader.read().wanted == "pause"

    def _tell(self) -> None:
        if self._announce:
            self.writer.put(self._announce)
            self._announce = None

    def _notes(self) -> dict[str, Any]:
        notes: dict[str, Any] = {"rate_changes": self._rate_changes}
        if self.patience:
            notes["patience"] = self.patience.state()
        return notes

    def _store_epoch(
        self, number: int, values: dict[str, float], state: State, better: bool
    ) -> None:
        store, run_id, folder = self.store, self.run_id, self._folder

        def keep() -> None:
            checkpoint.save(folder / checkpoint.LAST, state)
            store.send_checkpoint(run_id, checkpoint.LAST)
            store.flush_due(run_id)

        self.writer.put(lambda: store.log(run_id, number, values, hold=True))
        if better and self.patience and self.patience.spec.restore_best:
            best = folder / checkpoint.BEST
            self.writer.put_newest("best", lambda: checkpoint.save(best, state))
            self.writer.put_newest(
                "sent", lambda: store.send_checkpoint(run_id, checkpoint.BEST)
            )
        self.writer.put_newest("last", keep)

    def _check(self, logs: dict[str, Any]) -> float:
        loss = float(logs.get("loss", 0.0))
        if not math.isfinite(loss):
            raise NonFiniteLossError(f"the loss became {_word(loss)}")
        return loss

    def _follow(self) -> None:
        """Does what is asked; waits here while the run is paused."""
        control = self._reader.read()
        if control.wanted == "run" and control.changes == self._rate_changes:
            return
        self._change_rate(control)
        begin = time.monotonic()
        told = False
        while control.wanted == "pause" and control.steps <= self._steps_done:
            if not told:
                self._tell()
                self.writer.put(lambda: self.store.set_status(self.run_id, "paused"))
                told = True
            time.sleep(0.03)
            control = self._reader.read()
            self._change_rate(control)
        self.paused += time.monotonic() - begin
        if control.wanted == "pause":
            self._steps_done += 1
        if control.wanted == "stop":
            self.writer.put(lambda: self.store.set_status(self.run_id, "stopping"))
            raise StopRequested
        if told and control.wanted == "run":
            self.writer.put(lambda: self.store.set_status(self.run_id, "running"))
            self._steps_done = control.steps

    def _change_rate(self, control: Control) -> None:
        if control.changes == self._rate_changes or control.learning_rate is None:
            return
        self._rate_changes = control.changes
        rate = control.learning_rate
        if set_learning_rate(self.model, rate):
            print(f"learning rate set to {rate:g} in epoch {self._epoch + 1}")  # noqa: T201  # the run's log
        else:
            print("the recipe's schedule decides the learning rate: request ignored")  # noqa: T201  # the run's log


def learning_rate(model: Any) -> float:
    """Returns the learning rate of now."""
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))


def set_learning_rate(model: Any, rate: float) -> bool:
    """Sets the learning rate; False where a schedule decides it."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    inner = optimizer._learning_rate
    if isinstance(inner, keras.optimizers.schedules.LearningRateSchedule):
        return False
    inner.assign(rate)
    return True


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "infinite"
