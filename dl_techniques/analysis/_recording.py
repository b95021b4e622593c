"""Listens to the layers of a Keras model while it answers."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

Array = np.ndarray[Any, Any]
BOUNDS = {"tanh": 1.0, "sigmoid": 1.0, "softsign": 1.0, "hard_sigmoid": 1.0}


class Recorded(NamedTuple):
    """One forward pass.

    Attributes:
        outputs: What the model returned, as it came.
        arrays: Output of every layer, in the order in which they worked.
        masks: The (sample, position) pairs that count, where there is a mask.
        layers: Name -> the layer.
        skipped: Name -> why it could not be read.
    """

    outputs: Any
    arrays: dict[str, Array]
    masks: dict[str, Array]
    layers: dict[str, Any]
    skipped: dict[str, str]


def bound_of(layer: Any) -> float | None:
    """Returns the largest |output| of a layer's activation function."""
    return BOUNDS.get(getattr(getattr(layer, "activation", None), "__name__", ""))


def record(model: Any, layers: Mapping[str, Any], x: Any) -> Recorded:
    """Runs `model` on one batch and reads the given layers.

    The pass is in inference mode, operation by operation; no state of the model
    changes. Integer outputs are left out; complex ones are read as their size.
    """
    heard: list[tuple[str, Any, Any]] = []
    with listening(layers, heard), _without_gradients(), keras.StatelessScope():
        outputs = model(x, training=False)
    return _sorted_out(outputs, heard, layers)


def evaluate(model: Any, x: Any) -> Any:
    """Returns the model's answer on one batch, read without a trace in the model."""
    with _without_gradients(), keras.StatelessScope():
        return model(x, training=False)


@contextlib.contextmanager
def listening(layers: Mapping[str, Any], heard: list[Any]) -> Iterator[None]:
    """Puts a listener before `call` of each layer; restores it whatever happens."""
    before: list[tuple[Any, Any]] = []
    try:
        for name, layer in layers.items():
            own = vars(layer).get("call")
            if getattr(own, "listens", False):
                raise RuntimeError(f"layer {name!r} is being recorded already")
            before.append((layer, own))
            object.__setattr__(layer, "call", _listener(name, layer.call, heard))
        yield
    finally:
        for layer, own in before:
            if own is None:
                object.__delattr__(layer, "call")
            else:
                object.__setattr__(layer, "call", own)


def _listener(name: str, call: Any, heard: list[Any]) -> Any:
    def listening(*args: Any, **kwargs: Any) -> Any:
        found = call(*args, **kwargs)
        heard.append((name, found, kwargs.get("mask")))
        return found

    listening.listens = True  # type: ignore[attr-defined]  # a mark on a function
    return listening


def _without_gradients() -> contextlib.AbstractContextManager[Any]:
    if keras.backend.backend() != "torch":
        return contextlib.nullcontext()
    import torch

    return torch.no_grad()


def _sorted_out(outputs: Any, heard: list[Any], layers: Mapping[str, Any]) -> Recorded:
    found = Recorded(outputs, {}, {}, {}, {})
    size = len(keras.tree.flatten(outputs)[0])
    times: dict[str, int] = {}
    for name, _, _ in heard:
        times[name] = times.get(name, 0) + 1
    turn = dict.fromkeys(times, 0)
    for name, value, mask in heard:
        own = f"{name}#{turn[name]}" if times[name] > 1 else name
        turn[name] += 1
        for suffix, leaf in _leaves(value):
            _keep(found, own + suffix, layers[name], leaf, mask, size)
    for name in layers:
        if name not in times:
            found.skipped[name] = "was not called"
    return found


def _leaves(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(f":{k}{s}", v) for k, part in value.items() for s, v in _leaves(part)]
    if isinstance(value, list | tuple):
        return [
            (f":{i}{s}", v) for i, part in enumerate(value) for s, v in _leaves(part)
        ]
    return [] if value is None else [("", value)]


def _keep(
    found: Recorded, name: str, layer: Any, value: Any, given: Any, size: int
) -> None:
    try:
        array = as_array(value)
    except Exception as error:  # noqa: BLE001  # a value inside a compiled loop
        found.skipped[name] = f"has no value outside a loop ({type(error).__name__})"
        return
    if array is None:
        return
    if array.ndim == 0 or len(array) != size:
        found.skipped[name] = f"{array.shape} is not one output a sample"
        return
    if getattr(layer, "data_format", "") == "channels_first" and array.ndim > 2:
        array = np.moveaxis(array, 1, -1)
    found.arrays[name], found.layers[name] = array, layer
    mask = getattr(value, "_keras_mask", None)
    mask = given if mask is None and not isinstance(given, list | tuple) else mask
    if mask is not None:
        shown = np.asarray(keras.ops.convert_to_numpy(mask)).astype(bool)
        if shown.shape == array.shape[: shown.ndim] and 1 < shown.ndim < array.ndim:
            wide = shown.reshape(shown.shape + (1,) * (array.ndim - 1 - shown.ndim))
            found.masks[name] = np.broadcast_to(wide, array.shape[:-1])


def as_array(value: Any) -> Array | None:
    """Returns real numbers as an array of at least 16 bits; None for other kinds."""
    array = np.asarray(keras.ops.convert_to_numpy(value))
    if array.dtype.kind == "c":
        return np.asarray(np.abs(array))
    if array.dtype.kind == "V" and "float" in array.dtype.name:
        return array.astype(np.float32)
    return array if array.dtype.kind == "f" else None
