"""What a person asks of a run that trains: pause, resume, stop, step, learning rate.

A request is a small file beside the run; the run looks at its time stamp. With a
store on a server it is a field of the record too, which the run reads once a second.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from dl_techniques.tracking import RunStore
from dl_techniques.utils.files import locked, write_atomic
from dl_techniques.utils.validation import check

Action = Literal["pause", "resume", "stop", "step", "learning_rate"]


@dataclass(frozen=True, slots=True)
class Control:
    """What is asked of a run.

    Attributes:
        wanted: "run", "pause" or "stop".
        steps: Executions allowed since the start while paused; grows with each step.
        learning_rate: The learning rate asked for, or None.
        changes: Number of learning rates asked for so far.
    """

    wanted: Literal["run", "pause", "stop"] = "run"
    steps: int = 0
    learning_rate: float | None = None
    changes: int = 0


def request(store: RunStore, run_id: str, action: Action, **values: Any) -> Control:
    """Asks something of a run; it acts within one execution of batches or a second.

    Args:
        store: Where the run lives.
        run_id: The run.
        action: "pause"; "resume"; "stop"; "step": train one execution (a batch, or
            the batches that a small model takes at once; `count` of them) and pause
            again; "learning_rate": from now on `value`.
        **values: `count` or `value`.
    """
    check(action in get_args(Action), "action", f"one of {get_args(Action)}", action)
    receive(store, run_id)
    path = control_path(store.run_dir(run_id))
    with locked(path.with_suffix(".lock")):
        now = read(path)
        new = _apply(now, action, values)
        _write(store, run_id, new)
    return new


def _write(store: RunStore, run_id: str, control: Control) -> None:
    text = json.dumps(asdict(control))
    write_atomic(control_path(store.run_dir(run_id)), text)
    if not store.local:
        store.set_fields(run_id, control=text)


def receive(store: RunStore, run_id: str) -> None:
    """Brings what was asked on another machine, by way of a store on a server."""
    if store.local:
        return
    path = control_path(store.run_dir(run_id))
    with locked(path.with_suffix(".lock")):
        asked = store.get(run_id).fields.get("control")
        if asked and read(path) != Control(**json.loads(asked)):
            write_atomic(path, asked)


def forget(store: RunStore, run_id: str) -> None:
    """Takes back every request, before a run goes on."""
    with locked(control_path(store.run_dir(run_id)).with_suffix(".lock")):
        _write(store, run_id, Control())


def stopped_by_force(store: RunStore, run_id: str) -> bool:
    """Whether a run that is gone was asked to stop; it is then marked as stopped."""
    asked = read(control_path(store.run_dir(run_id))).wanted == "stop"
    if asked:
        store.set_status(run_id, "stopped", "stopped by force")
    return asked


def _apply(now: Control, action: Action, values: dict[str, Any]) -> Control:
    if action == "learning_rate":
        rate = float(values["value"])
        check(0 < rate <= 100, "value", "above 0 and at most 100", rate)
        return replace(now, learning_rate=rate, changes=now.changes + 1)
    if action == "step":
        count = int(values.get("count", 1))
        check(count >= 1, "count", "at least 1", count)
        return replace(now, wanted="pause", steps=now.steps + count)
    wanted: dict[str, Literal["run", "pause", "stop"]]
    wanted = {"pause": "pause", "resume": "run", "stop": "stop"}
    return replace(now, wanted=wanted[action])


def control_path(run_dir: Path) -> Path:
    """Returns where the requests to a run lie."""
    return run_dir / "control.json"


def read(path: Path) -> Control:
    """Returns what is asked; without a file nothing is."""
    try:
        return Control(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Control()


class ControlReader:
    """Reads the requests again only when the file changed.

    Args:
        path: `control_path` of the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._control = Control()

    def read(self) -> Control:
        """Returns what is asked now; 2 microseconds when nothing changed."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return self._control
        key = (status.st_mtime_ns, status.st_ino)
        if key != self._seen:
            self._seen = key
            self._control = read(self._path)
        return self._control
