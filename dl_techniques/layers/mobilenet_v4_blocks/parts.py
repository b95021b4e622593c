"""Convolutions and norms as MobileNetV4 has them."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]


def make_divisible(value: float, divisor: int = 8) -> int:
    """Rounds to a multiple of `divisor`, never below 90 % of the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def check_image(input_shape: Shape) -> int:
    """Returns the channels; raises `ValueError` unless they are known."""
    rule = "(batch, height, width, channels) with known channels"
    known = len(input_shape) == 4 and input_shape[-1] is not None
    check(known, "input_shape", rule, input_shape)
    return int(input_shape[-1] or 0)


def halved(shape: Shape, stride: int, filters: int | None = None) -> Shape:
    """Returns the shape after a step of `stride`; odd sides round up."""
    sides = (None if n is None else -(-n // stride) for n in shape[1:3])
    return (shape[0], *sides, filters or shape[-1])


def positions(shape: Shape) -> int:
    """Returns height times width; unknown sides count as 1."""
    return math.prod(n or 1 for n in shape[1:3])


def batch_norm(name: str, policy: Any) -> keras.layers.Layer:
    """Returns a batch norm with the numbers of the public checkpoints."""
    return keras.layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, dtype=policy, name=name
    )


def padded(x: Any, size: int, strides: int) -> Any:
    """Pads alike on all sides for a "valid" convolution of this size and step.

    The "same" of Keras pads right and below only when a side is even and the step is
    2, which shifts the result against the public checkpoints.
    """
    around = size // 2 if strides > 1 else 0
    if not around:
        return x
    return ops.pad(x, ((0, 0), (around, around), (around, around), (0, 0)))


def shape_padded(shape: Shape, size: int, strides: int) -> Shape:
    """Returns the shape that `padded` gives."""
    more = 2 * (size // 2) if strides > 1 else 0
    sides = (None if n is None else n + more for n in shape[1:3])
    return (shape[0], *sides, shape[-1])


def convolution(
    name: str,
    filters: int | None,
    size: int,
    strides: int = 1,
    *,
    regularizer: Any = None,
    policy: Any = None,
) -> keras.layers.Layer:
    """Returns a convolution without bias for an input that `padded` has seen.

    Args:
        name: Its name.
        filters: Output channels; None is a depthwise convolution.
        size: Side of the kernel.
        strides: Step.
        regularizer: Penalty on the kernel; each layer gets its own copy.
        policy: Dtype policy.
    """
    start = keras.initializers.VarianceScaling(2.0, "fan_out", "truncated_normal")
    penalty = keras.regularizers.get(keras.regularizers.serialize(regularizer))
    shared: dict[str, Any] = {
        "strides": strides,
        "padding": "valid" if strides > 1 else "same",
        "use_bias": False,
        "dtype": policy,
        "name": name,
    }
    if filters is None:
        return keras.layers.DepthwiseConv2D(
            size, depthwise_initializer=start, depthwise_regularizer=penalty, **shared
        )
    return keras.layers.Conv2D(
        filters, size, kernel_initializer=start, kernel_regularizer=penalty, **shared
    )
