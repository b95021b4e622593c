"""A process that has trained something already and waits for the next run.

The first training of a process costs half a second that a second one does not: the
backend starts, TensorFlow rewrites Keras' functions, the store is opened.
"""

import json
import os
import socket
import time
import traceback
from typing import Any

from dl_techniques.training import child

_SOON = 0.8  # seconds of warming after which a run better waits for the spare
_MEMORY = 2 * 2**30  # bytes that must be free for a process that only waits


class Spare:
    """At most one waiting process.

    Args:
        home: Folder of the store whose runs it will train.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._born = 0.0
        self._connection: socket.socket | None = None
        self.pid = 0

    def keep(self) -> None:
        """Forks one if there is none and enough memory is free."""
        if self.pid or not room():
            return
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            child.live(lambda: _wait_and_train(theirs, self._home))
        theirs.close()
        self.pid, self._connection, self._born = pid, ours, time.monotonic()

    def take(self, request: dict[str, Any]) -> int:
        """Gives the process a run and returns its id, 0 if there is none to give it."""
        late = time.monotonic() - self._born < _SOON
        if not self.pid or late or request["home"] != self._home:
            return 0
        pid, connection = self.pid, self._connection
        self.forget()
        assert connection is not None  # noqa: S101  # it comes with the pid
        try:
            connection.sendall(json.dumps(request).encode() + b"\n")
        except OSError:
            return 0
        finally:
            connection.close()
        return pid

    def forget(self) -> None:
        """Lets the process be: it ended, or has a run now."""
        self.pid, self._connection = 0, None

    def close(self) -> None:
        """Tells the process that no run will come."""
        if self._connection:
            self._connection.close()
        self.forget()


def _wait_and_train(connection: socket.socket, home: str) -> int:
    """Warms up, waits for a request and trains; a closed connection ends it."""
    child.leave_behind(connection.fileno())
    store = warm_up(home)
    request = wait_for_run(connection)
    return child.begin(request, store) if request else 0


def wait_for_run(connection: socket.socket) -> dict[str, Any] | None:
    """Returns the request that comes; None when the connection ends instead."""
    with connection, connection.makefile("rb") as lines:
        line = lines.readline()
    return dict(json.loads(line)) if line else None


def warm_up(home: str) -> Any:
    """Opens the store and trains one tiny model, then forgets it."""
    from dl_techniques.tracking import RunStore

    store = RunStore(home)
    try:
        opening = store.warm()
        _train_once()
        opening.join()
    except Exception:  # noqa: BLE001  # a cold start works too
        traceback.print_exc()
    return store


def _train_once() -> None:
    import keras
    import numpy as np

    from dl_techniques.analysis.callbacks import LiveAnalysisCallback
    from dl_techniques.datasets import dataset_info
    from dl_techniques.recipes import Recipe
    from dl_techniques.recipes.build import build_model
    from dl_techniques.training import checkpoint, pace
    from dl_techniques.training.feed import ShuffledBatches, in_batches

    recipe = Recipe.model_validate(_RECIPE)
    model = build_model(recipe, dataset_info("digits"), steps=2)
    x = np.zeros((8, *model.input_shape[1:]), "float32")
    y = np.arange(8, dtype="int32")
    feed = ShuffledBatches(x, y, 4)
    pace.set_pace(model, batch_size=4, steps=feed.steps)
    pace.build_objectives(model, x, y)
    look = LiveAnalysisCallback(x, y, sink=lambda _: None)
    model.fit(
        feed.dataset,
        validation_data=in_batches(x, y, 4),
        callbacks=[feed, look],
        shuffle=False,
        verbose=0,
    )
    checkpoint.capture(model, 1)
    keras.backend.clear_session()


_RECIPE = {
    "dataset": {"name": "digits"},
    "model": {
        "stack": [
            {"layer": "Flatten"},
            {"layer": "Dense", "args": {"units": 4, "activation": "relu"}},
        ]
    },
    "training": {"epochs": 1, "batch_size": 4},
}


def room() -> bool:
    """Tells whether the machine can afford a process that only waits."""
    import psutil

    from dl_techniques.training.devices import machine

    return not machine().gpus and psutil.virtual_memory().available > _MEMORY
