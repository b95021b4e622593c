"""Rotation of feature pairs by angles that grow with the position."""

from typing import Any, Literal

import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers.norms.base import at_least_float32

Layout = Literal["interleaved", "half"]
LAYOUTS = ("interleaved", "half")


def rotated_width(features: int, fraction: float) -> int:
    """Returns how many features turn: an even number, at most `fraction` of them."""
    return 2 * int(features * fraction / 2)


def rotation_angles(positions: Any, width: int, theta: float, scale: float) -> Any:
    """Returns `position / scale * theta ** (-2 i / width)`, (..., width / 2), float32.

    Half precision would merge neighbouring positions above 256.
    """
    powers = np.arange(0, width, 2, dtype="float64") / max(width, 1)
    speeds = (theta**-powers).astype("float32")
    places = ops.expand_dims(ops.cast(positions, "float32") / scale, -1)
    return ops.multiply(places, ops.convert_to_tensor(speeds))


def rotate(x: Any, angles: Any, layout: Layout) -> Any:
    """Turns the leading pairs of the last axis; the other features pass.

    Args:
        x: Features, of any rank.
        angles: One a pair; broadcasts against `x` but for the last axis.
        layout: "interleaved" pairs (0, 1), (2, 3), ...; "half" pairs i, i + width / 2.
    """
    half = angles.shape[-1]
    if half == 0:
        return x
    wide = at_least_float32(x)
    step = half if layout == "half" else 1
    cos, sin = (
        _spread(ops.cast(part, wide.dtype), layout)
        for part in (ops.cos(angles), ops.sin(angles))
    )
    first = _is_first(half, layout)
    rest = x.shape[-1] - 2 * half
    if rest:
        ends = [(0, 0)] * (len(cos.shape) - 1) + [(0, rest)]
        cos, sin = ops.pad(cos, ends, constant_values=1), ops.pad(sin, ends)
        first = np.pad(first, (0, rest))
    # moving the whole axis is several times faster than picking pairs from it
    if 2 * step == x.shape[-1]:
        other = ops.roll(wide, step, axis=-1) * (sin * _sign(first, -1, 1, sin))
    else:
        other = ops.roll(wide, -step, axis=-1) * (sin * _sign(first, -1, 0, sin))
        other += ops.roll(wide, step, axis=-1) * (sin * _sign(first, 0, 1, sin))
    return ops.cast(wide * cos + other, x.dtype)


def _spread(values: Any, layout: Layout) -> Any:
    """Gives each pair's value to both of its features."""
    if layout == "half":
        return ops.concatenate([values, values], axis=-1)
    return ops.repeat(values, 2, axis=-1)


def _is_first(half: int, layout: Layout) -> NDArray[np.bool_]:
    """Tells which of the turning features are the first of their pair."""
    features = np.arange(2 * half)
    return features < half if layout == "half" else features % 2 == 0


def _sign(first: NDArray[np.bool_], one: int, other: int, like: Any) -> Any:
    return ops.cast(np.where(first, float(one), float(other)), like.dtype)


def rotate_heads(x: Any, theta: float, layout: Layout, fraction: float = 1.0) -> Any:
    """Turns (batch, time, heads, features) by the positions 0, 1, 2, ..."""
    width = rotated_width(x.shape[-1], fraction)
    angles = rotation_angles(ops.arange(ops.shape(x)[1]), width, theta, 1.0)
    return rotate(x, angles[None, :, None, :], layout)
