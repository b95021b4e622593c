"""What a Keras model takes: weights, multiplications, time, file."""

import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dl_techniques.analysis._arrays import NAN
from dl_techniques.analysis._recording import record
from dl_techniques.analysis._samples import length, taken
from dl_techniques.analysis.matrices import model_layers
from dl_techniques.analysis.performance import ModelCost

_TURNS = 5
_LARGE_FILE = 2**31


def model_cost(
    model: Any, x: Any, history: dict[str, Any] | None = None, *, timing: bool = True
) -> ModelCost:
    """Measures the model on rows of `x`; nothing in it changes."""
    macs, missing = multiplications(model, taken(x, slice(0, 1)))
    single = batch = size = NAN
    parameters = sum(_size(w) for w in model.weights if "seed" not in w.name)
    if timing:
        single = 1e3 * _seconds(model, x, 1)
        batch = 1e3 * _seconds(model, x, 64) / 64
        size = _file_size(model) if 4 * parameters < _LARGE_FILE else NAN
    series = history or {}
    epochs = max((len(v) for v in series.values()), default=None)
    seconds = series.get("seconds", series.get("time"))
    return ModelCost(
        parameters=parameters,
        trainable=sum(_size(w) for w in model.trainable_weights),
        macs=NAN if missing else float(macs),
        macs_missing=missing,
        ms_single=single,
        ms_batch=batch,
        file_bytes=size,
        epochs=NAN if epochs is None else float(epochs),
        seconds=NAN if seconds is None else float(np.sum(seconds)),
    )


def _size(variable: Any) -> int:
    return int(np.prod(variable.shape))


def multiplications(model: Any, x: Any) -> tuple[int, tuple[str, ...]]:
    """Returns products with weights for the one sample `x`, and layers not counted.

    A kernel is used once for every output position; scores of attention, norms and
    activations are not counted.
    """
    weighted = {
        path: layer
        for path, layer in model_layers(model)
        if path and any(len(v.shape) > 1 for v in _own(layer))
    }
    cells = {p for p, la in weighted.items() if "Cell" in type(la).__name__}
    heard = record(model, {p: la for p, la in weighted.items() if p not in cells}, x)
    total, missing = 0, sorted(cells | set(heard.skipped))
    for name, layer in heard.layers.items():
        used = _products(layer, heard.arrays[name].shape[1:])
        if used is None:
            missing.append(name)
        else:
            total += used
    return total, tuple(dict.fromkeys(missing))


def _own(layer: Any) -> list[Any]:
    return [v for v in layer._trainable_variables if "bias" not in v.name]


def _products(layer: Any, shape: tuple[int, ...]) -> int | None:
    """Returns products of one call, None where the layer has no formula."""
    positions = int(np.prod(shape[:-1]))
    kernels = sum(_size(v) for v in _own(layer) if len(v.shape) > 1)
    kinds = keras.layers
    if isinstance(layer, kinds.Embedding):
        return 0
    if isinstance(layer, kinds.EinsumDense):
        operands, result = layer.equation.replace(" ", "").split("->")
        axes = operands.split(",")[1]
        summed = [
            s for s, c in zip(layer.kernel.shape, axes, strict=True) if c not in result
        ]
        return int(np.prod(shape)) * int(np.prod(summed))
    if isinstance(
        layer, kinds.Conv1DTranspose | kinds.Conv2DTranspose | kinds.Conv3DTranspose
    ):
        return positions * kernels // int(np.prod(layer.strides))
    counted = (
        *(kinds.Dense, kinds.Conv1D, kinds.Conv2D, kinds.Conv3D),
        *(kinds.DepthwiseConv1D, kinds.DepthwiseConv2D),
        *(kinds.SeparableConv1D, kinds.SeparableConv2D),
    )
    return positions * kernels if isinstance(layer, counted) else None


def _seconds(model: Any, x: Any, size: int) -> float:
    rows = np.arange(size) % length(x)
    batch = taken(x, rows)
    model.predict_on_batch(batch)
    spent = []
    for _ in range(_TURNS):
        begin = time.perf_counter()
        model.predict_on_batch(batch)
        spent.append(time.perf_counter() - begin)
    return float(np.median(spent))


def _file_size(model: Any) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        try:
            model.save(path)
        except Exception:  # noqa: BLE001  # a model that cannot be saved has no size
            return NAN
        return float(path.stat().st_size)
