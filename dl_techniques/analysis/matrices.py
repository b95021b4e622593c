"""Finds the weight matrices of a Keras model; their layout is known, never guessed.

One file: a weight is found, folded and unfolded by one set of rules; `kernel_stack`
undoes a folding by sending places through it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import keras
import numpy as np

from dl_techniques.analysis._weight_matrix import WeightMatrix
from dl_techniques.utils.validation import check

__all__ = [
    "WeightMatrix",
    "kernel_stack",
    "kernel_variables",
    "layer_matrices",
    "model_layers",
    "unsupported_variables",
]

HALVED = float(np.sqrt(0.5))
GATES = {"LSTMCell": 4, "GRUCell": 3}
Parts = list[tuple[str, np.ndarray[Any, Any]]]  # (suffix, stack)


def model_layers(model: Any) -> Iterator[tuple[str, Any]]:
    """Yields path and layer of everything below `model` in build order, each once."""
    seen: set[int] = set()

    def walk(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        yield path, layer
        for inner in layer._layers:
            yield from walk(inner, f"{path}/{inner.name}" if path else inner.name)

    return walk(model, "")


def layer_matrices(
    layer_or_variable: Any,
    *,
    conv_mode: Literal["slices", "unfold"] = "slices",
    rnn_gates: Literal["joint", "split"] = "joint",
    per_head: bool = False,
    scale: Literal["weightwatcher", "none"] = "weightwatcher",
    min_size: int = 1,
) -> tuple[WeightMatrix, ...]:
    """Returns the matrices of a model, of a layer or of one rank-2 variable.

    Dense, embedding and recurrent kernels are one matrix. Convolution kernels
    `(..., in, out)` are prod(spatial) slices, or one `(prod * in, out)` matrix. Grouped
    convolutions are split by group. Attention and einsum kernels are folded to
    contracted x kept axes. A layer may offer
    `spectral_matrices() -> [(name, array2d)]`. Variables below rank 2 and depthwise
    kernels have none.

    Args:
        layer_or_variable: A Keras model, layer or variable.
        conv_mode: See above.
        rnn_gates: "split" gives a matrix a gate (4 for LSTM, 3 for GRU).
        per_head: Whether attention kernels are split by head, pooled as slices.
        scale: "weightwatcher" marks slices of 2-D convolutions with sqrt(1/2), as
            version 0.7.7 does by default.
        min_size: Matrices with a shorter side are left out.
    """
    check(conv_mode in ("slices", "unfold"), "conv_mode", "slices or unfold", conv_mode)
    check(rnn_gates in ("joint", "split"), "rnn_gates", "joint or split", rnn_gates)
    check(scale in ("weightwatcher", "none"), "scale", "weightwatcher or none", scale)
    if isinstance(layer_or_variable, keras.Variable):
        array = _numpy(layer_or_variable)
        check(array.ndim == 2, "layer_or_variable", "of rank 2", array.shape)
        name = layer_or_variable.path
        return (WeightMatrix(name, name, name, "matrix", array[None]),)
    options = {"conv_mode": conv_mode, "rnn_gates": rnn_gates, "per_head": per_head}
    halved = HALVED if scale == "weightwatcher" and conv_mode == "slices" else 1.0
    found: list[WeightMatrix] = []
    seen: set[int] = set()
    index = -1
    for path, layer in model_layers(layer_or_variable):
        index += not isinstance(layer, keras.Model)
        mine = _of_layer(layer, path or layer.name, seen, options, halved)
        found.extend(replace(m, layer_id=index) for m in mine)
    return tuple(m for m in found if m.n_short >= min_size)


def unsupported_variables(model: Any) -> tuple[str, ...]:
    """Returns the paths of variables of rank 2 and more that have no matrix form."""
    return tuple(
        f"{path or layer.name}/{variable.name}"
        for path, layer in model_layers(model)
        for variable in _own(layer)
        if len(variable.shape) > 1
        and not hasattr(layer, "spectral_matrices")
        and not _parts(layer, variable, {})[1]
    )


def _own(layer: Any) -> list[Any]:
    mine = [*layer._trainable_variables, *layer._non_trainable_variables]
    return [v for v in mine if "bias" not in v.name]  # a GRU's has rank 2


def _numpy(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, _Fake):
        return value.value
    return np.asarray(keras.ops.convert_to_numpy(value))


def _of_layer(
    layer: Any, path: str, seen: set[int], options: dict[str, Any], halved: float
) -> list[WeightMatrix]:
    kind_of = type(layer).__name__
    if hasattr(layer, "spectral_matrices"):
        seen.update(id(v) for v in layer.variables)
        named = [(name, _numpy(m)) for name, m in layer.spectral_matrices()]
        return [
            WeightMatrix(layer.name, f"{path}/{name}", name, "custom", m[None], 1.0)
            for name, m in named
        ]
    found = []
    for variable in _own(layer):
        if id(variable) in seen or len(variable.shape) < 2:
            continue
        seen.add(id(variable))
        kind, parts = _parts(layer, variable, options)
        flat = kind == "conv" and len(variable.shape) == 4
        for suffix, mats in parts:
            name = f"{variable.name}{suffix}"
            factor = halved if flat else 1.0
            found.append(
                WeightMatrix(
                    layer.name, path, name, kind, mats, factor, layer_type=kind_of
                )
            )
    if len(found) > 1:
        return [replace(m, path=f"{m.path}/{m.variable}") for m in found]
    return found


def _parts(layer: Any, variable: Any, options: dict[str, Any]) -> tuple[str, Parts]:
    """Returns what kind of kernel the variable is and its stacks of matrices."""
    name, shape = variable.name, tuple(variable.shape)
    if "depthwise" in name or isinstance(
        layer, keras.layers.DepthwiseConv1D | keras.layers.DepthwiseConv2D
    ):
        return "depthwise", []
    if isinstance(layer, keras.layers.EinsumDense) and name == "kernel":
        return "einsum", _einsum(layer.equation, variable, options)
    spatial = _spatial_axes(layer, len(shape))
    if spatial and len(shape) == spatial + 2:
        return "conv", _convolution(layer, variable, options)
    if len(shape) != 2:
        return "unsupported", []
    if type(layer).__name__ in GATES and options.get("rnn_gates") == "split":
        gates = np.split(_numpy(variable), GATES[type(layer).__name__], axis=1)
        return "recurrent", [(f":gate{i}", g[None]) for i, g in enumerate(gates)]
    kinds = {"embeddings": "embedding", "recurrent_kernel": "recurrent"}
    kind = kinds.get(name, "dense" if name == "kernel" else "matrix")
    return kind, [("", _numpy(variable)[None])]


def _spatial_axes(layer: Any, rank: int) -> int:
    size = getattr(layer, "kernel_size", None) or ()
    return rank - 2 if isinstance(size, int) else len(size)


def _convolution(layer: Any, variable: Any, options: dict[str, Any]) -> Parts:
    kernel = _numpy(variable)
    groups = int(getattr(layer, "groups", 1) or 1)
    if options.get("conv_mode") == "unfold":
        kernel = kernel.reshape(1, -1, kernel.shape[-1])
    else:
        kernel = kernel.reshape(-1, *kernel.shape[-2:])
    if min(kernel.shape[1:]) < 1 or kernel.shape[-1] % groups:
        return []
    split = np.concatenate(np.split(kernel, groups, axis=2)) if groups > 1 else kernel
    return [("", split)]


def _einsum(equation: str, variable: Any, options: dict[str, Any]) -> Parts:
    """Folds a kernel to (batch, contracted, kept) axes as its equation names them."""
    operands, result = equation.replace(" ", "").split("->")
    given, kernel_axes = operands.split(",")
    kernel = _numpy(variable)
    rows = [i for i, c in enumerate(kernel_axes) if c not in result]
    shared = [i for i, c in enumerate(kernel_axes) if c in result and c in given]
    columns = [i for i in range(kernel.ndim) if i not in rows and i not in shared]
    if options.get("per_head") and kernel.ndim == 3 and not shared:
        head = columns[0] if len(columns) == 2 else rows[0]
        shared, rows = [head], [i for i in rows if i != head]
        columns = [i for i in columns if i != head]
    if not rows or not columns:
        return []
    sizes = [int(np.prod([kernel.shape[i] for i in g])) for g in (shared, rows)]
    return [("", kernel.transpose(*shared, *rows, *columns).reshape(*sizes, -1))]


def kernel_variables(model: Any) -> dict[str, tuple[Any, Any]]:
    """Returns layer and variable of every weight by the path in its `WeightMatrix`."""
    found: dict[str, tuple[Any, Any]] = {}
    seen: set[int] = set()
    for path, layer in model_layers(model):
        if hasattr(layer, "spectral_matrices"):
            seen.update(id(v) for v in layer.variables)
        mine = [v for v in _own(layer) if len(v.shape) > 1 and id(v) not in seen]
        mine = [v for v in mine if _parts(layer, v, {})[1]]
        seen.update(id(v) for v in mine)
        base = path or layer.name
        for v in mine:
            found[base if len(mine) == 1 else f"{base}/{v.name}"] = (layer, v)
    return found


def kernel_stack(
    layer: Any, variable: Any
) -> tuple[np.ndarray[Any, Any], Callable[[np.ndarray[Any, Any]], Any]]:
    """Returns the stack of a weight and the function that undoes the folding."""
    stack = _parts(layer, variable, {})[1][0][1]
    shape = tuple(variable.shape)
    place = np.arange(int(np.prod(shape))).reshape(shape)
    order = _parts(layer, _Fake(variable.name, place), {})[1][0][1].ravel()

    def restore(changed: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        flat = np.empty(changed.size, changed.dtype)
        flat[order] = changed.ravel()
        return flat.reshape(shape)

    return stack, restore


class _Fake(NamedTuple):
    """Stands for a variable whose entries are their own places."""

    name: str
    value: np.ndarray[Any, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape
