"""The whole state of a training at the end of an epoch, as plain arrays."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dl_techniques.tracking import RunStore
from dl_techniques.utils.files import write_atomic

LAST, BEST = "last.npz", "best.npz"


@dataclass(frozen=True, slots=True)
class State:
    """What is needed to go on.

    Attributes:
        epoch: Epochs done.
        model: Every variable of the model, random seeds included.
        optimizer: Every variable of the optimizer.
        notes: JSON-ready state of early stopping and the control.
    """

    epoch: int
    model: tuple[np.ndarray, ...]
    optimizer: tuple[np.ndarray, ...]
    notes: dict[str, Any] = field(default_factory=dict)


def capture(model: Any, epoch: int, notes: dict[str, Any] | None = None) -> State:
    """Copies the state of a compiled Keras model."""
    return State(
        epoch,
        tuple(_copy(v) for v in model.variables),
        tuple(_copy(v) for v in model.optimizer.variables),
        dict(notes or {}),
    )


def restore(model: Any, state: State) -> None:
    """Puts a state back; the model must be built from the same recipe."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    pairs = (
        (model.variables, state.model),
        (model.optimizer.variables, state.optimizer),
    )
    for variables, arrays in pairs:
        if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
            raise ValueError("the checkpoint belongs to another model")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def save(path: Path, state: State) -> None:
    """Writes a state so that a crash leaves the old file or the new one."""
    arrays = [*state.model, *state.optimizer]
    head = {
        "epoch": state.epoch,
        "model": len(state.model),
        "dtypes": [a.dtype.name for a in arrays],
        "notes": state.notes,
    }
    packed = {f"a{i}": _plain(a) for i, a in enumerate(arrays)}
    buffer = io.BytesIO()
    np.savez(buffer, head=np.array(json.dumps(head)), **packed)  # type: ignore[arg-type]  # the stub's flag
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, buffer.getvalue())


def load(path: Path) -> State | None:
    """Reads a state; None where there is none."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as data:
        head = json.loads(str(data["head"]))
        arrays = [_typed(data[f"a{i}"], name) for i, name in enumerate(head["dtypes"])]
    cut = head["model"]
    return State(head["epoch"], tuple(arrays[:cut]), tuple(arrays[cut:]), head["notes"])


def take_over(store: RunStore, run_id: str) -> None:
    """Puts what another machine sent in place, where it is ahead of what is here."""
    for name in (LAST, BEST):
        path = store.run_dir(run_id) / "checkpoint" / name
        sent = store.bring_checkpoint(run_id, name)
        there, here = (load(p) if p else None for p in (sent, path))
        if sent and there and (here is None or there.epoch > here.epoch):
            sent.replace(path)


def hand_over(store: RunStore, run_id: str) -> None:
    """Sends the checkpoints of a run that another machine may go on with."""
    for name in (LAST, BEST):
        store.send_checkpoint(run_id, name, now=True)


def _copy(variable: Any) -> np.ndarray:
    value = variable.value
    if type(value).__module__.startswith("tensorflow"):
        return np.array(value.numpy())  # ten times as fast as by way of keras.ops
    from keras import ops

    return np.array(ops.convert_to_numpy(value))


def _plain(array: np.ndarray) -> np.ndarray:
    return array.view(np.uint16) if array.dtype.name == "bfloat16" else array


def _typed(array: np.ndarray, name: str) -> np.ndarray:
    if name != "bfloat16":
        return array
    import ml_dtypes

    return array.view(ml_dtypes.bfloat16)
