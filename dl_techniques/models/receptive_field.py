"""How much of the input a position of each layer sees."""

from typing import Any

import keras

_WHOLE = ("MultiHeadAttention", "MobileMQA", "GlobalAveragePooling", "GlobalMaxPooling")


def receptive_fields(model: Any) -> dict[str, int | None]:
    """Returns for each layer the side of the input patch behind one of its outputs.

        field += (kernel - 1) * step,  step *= stride

    Branches count with the larger field. None is the whole input: attention, global
    pooling, and everything after them. The field is what can be seen at most, as if
    the input went on beyond its borders.

    Args:
        model: A functional model of an image.
    """
    known: dict[int, tuple[int | None, int]] = {}
    return {
        layer.name: _seen(layer, known)[0]
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    }


def _seen(
    layer: Any, known: dict[int, tuple[int | None, int]]
) -> tuple[int | None, int]:
    """Returns field and step of a layer's output."""
    if id(layer) in known:
        return known[id(layer)]
    field: int | None = 1
    step = 1
    for tensor in keras.tree.flatten(getattr(layer, "input", ())):
        source = tensor._keras_history.operation
        if source is layer:
            continue
        before, steps = _seen(source, known)
        field = None if None in (field, before) else max(field or 1, before or 1)
        step = max(step, steps)
    if any(type(layer).__name__.startswith(name) for name in _WHOLE):
        field = None
    for kernel, stride in kernels_of(layer):
        field = None if field is None else field + (kernel - 1) * step
        step *= stride
    known[id(layer)] = (field, step)
    return known[id(layer)]


def kernels_of(layer: Any) -> list[tuple[int, int]]:
    """Returns (kernel, stride) of what a layer convolves or pools, in order."""
    if hasattr(layer, "start_kernel"):  # a universal inverted bottleneck
        steps = layer.steps
        sizes = {
            "dw_start": layer.start_kernel,
            "dw_mid": layer.mid_kernel,
            "dw_end": layer.end_kernel,
        }
        return [(size, steps[name]) for name, size in sizes.items() if size]
    if hasattr(layer, "patch_size"):
        return [(_largest(layer.patch_size), _largest(layer.patch_size))]
    size = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    stride = getattr(layer, "strides", 1)
    return [(_largest(size), _largest(stride))] if size else []


def _largest(value: Any) -> int:
    return max(value) if isinstance(value, list | tuple) else int(value)
