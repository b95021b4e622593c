"""Rotation of feature pairs by angles that grow with the position."""

from typing import Any, Literal

import numpy as np
from keras import ops

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
    return ops.expand_dims(ops.cast(positions, "float32") / scale, -1) * speeds


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
    cos, sin = ops.cos(angles), ops.sin(angles)
    if layout == "half":
        a, b = wide[..., :half], wide[..., half : 2 * half]
    else:
        a, b = wide[..., 0 : 2 * half : 2], wide[..., 1 : 2 * half : 2]
    turned = [a * cos - b * sin, a * sin + b * cos]
    if layout == "half":
        parts = turned
    else:
        pairs = ops.stack(turned, axis=-1)
        parts = [ops.reshape(pairs, (*ops.shape(x)[:-1], 2 * half))]
    if x.shape[-1] > 2 * half:
        parts = [*parts, wide[..., 2 * half :]]
    joined = parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)
    return ops.cast(joined, x.dtype)


def rotate_heads(x: Any, theta: float, layout: Layout, fraction: float = 1.0) -> Any:
    """Turns (batch, time, heads, features) by the positions 0, 1, 2, ..."""
    width = rotated_width(x.shape[-1], fraction)
    angles = rotation_angles(ops.arange(ops.shape(x)[1]), width, theta, 1.0)
    return rotate(x, angles[None, :, None, :], layout)
