"""Metrics waiting to go to MLflow in one batch."""

import json
import threading
import time
from typing import Any

from dl_techniques.tracking.convert import PREFIX, WITHIN, better

EVERY = 1.0
_BATCH = 900


class Pending:
    """Collects the rows of one run and sends them at most once a second.

    Sending a row twice is harmless: MLflow keeps one value for the same metric, step
    and time.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.best: dict[str, float] = {}
        self._rows: list[tuple[int, float, dict[str, float]]] = []
        self._sent = 0.0
        self._lock = threading.Lock()

    def add(self, step: int, when: float, values: dict[str, float]) -> bool:
        """Adds one row and tells whether it is time to send."""
        with self._lock:
            self._rows.append((step, when, values))
            for name, value in values.items():
                if not name.startswith(WITHIN) and better(
                    name, value, self.best.get(name)
                ):
                    self.best[name] = value
            return self.due

    @property
    def due(self) -> bool:
        """Whether it is time to send."""
        return time.monotonic() - self._sent >= EVERY

    def send(self, client: Any) -> None:
        """Sends everything collected so far."""
        from mlflow.entities import Metric, RunTag

        with self._lock:
            rows, self._rows = self._rows, []
            self._sent = time.monotonic()
            if not rows:
                return
            best = {k: v for k, v in self.best.items() if abs(v) != float("inf")}
        metrics = [
            Metric(name, value, int(when * 1000), step)
            for step, when, values in rows
            for name, value in _with_epoch(step, values).items()
        ]
        tag = RunTag(PREFIX + "best", json.dumps(best))
        for start in range(0, len(metrics), _BATCH):
            client.log_batch(self.run_id, metrics[start : start + _BATCH], tags=[tag])


def _with_epoch(step: int, values: dict[str, float]) -> dict[str, float]:
    within = all(name.startswith(WITHIN) for name in values)
    return values if within else {**values, "epoch": float(step)}
