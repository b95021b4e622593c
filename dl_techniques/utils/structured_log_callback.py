"""Training progress as JSON lines."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import keras

from dl_techniques.utils._log_format import plain
from dl_techniques.utils.logger import log_event
from dl_techniques.utils.validation import check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class StructuredLogCallback(keras.callbacks.Callback):
    """Writes an `epoch_end` event after every epoch, one JSON object a line.

    An event holds ts (UTC), event, epoch (from 1), logs, lr, seconds and samples_per_s
    (null without `batch_size`). A loss that is not finite is null. Lines are flushed,
    so that another process can read while training runs.

    Args:
        path: The file, appended to; None sends the events to the library's logger.
        every_batches: Batches between two `batch_end` events; 0 writes none.
        batch_size: Samples of a batch, for samples_per_s.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        every_batches: int = 0,
        *,
        batch_size: int | None = None,
    ) -> None:
        super().__init__()
        check_int("every_batches", every_batches, low=0)
        check_int("batch_size", batch_size, optional=True)
        self.path = None if path is None else Path(path)
        self.every_batches = every_batches
        self.batch_size = batch_size
        self._file: TextIO | None = None
        self._start, self._batches = 0.0, 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a", encoding="utf-8")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._start, self._batches = time.perf_counter(), 0

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        self._batches = batch + 1
        if self.every_batches and self._batches % self.every_batches == 0:
            self._write("batch_end", batch=self._batches, logs=dict(logs or {}))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        seconds = time.perf_counter() - self._start
        rate = None
        if self.batch_size and seconds > 0:
            rate = self._batches * self.batch_size / seconds
        self._write(
            "epoch_end",
            epoch=epoch + 1,
            logs=dict(logs or {}),
            lr=self._learning_rate(),
            seconds=seconds,
            samples_per_s=rate,
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _learning_rate(self) -> float | None:
        rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        return None if rate is None else float(keras.ops.convert_to_numpy(rate))

    def _write(self, event: str, **fields: Any) -> None:
        if self._file is None:
            log_event(event, **fields)
            return
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"ts": moment.replace("+00:00", "Z"), "event": event, **plain(fields)}
        self._file.write(json.dumps(line, allow_nan=False) + "\n")
        self._file.flush()

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            "path": None if self.path is None else str(self.path),
            "every_batches": self.every_batches,
            "batch_size": self.batch_size,
        }
