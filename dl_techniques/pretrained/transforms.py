"""How a tensor of a torch checkpoint becomes a variable of Keras.

Each takes the values and the variable's shape and returns the values in our layout;
what does not fit comes back in its own shape, so that the mismatch is seen.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.utils.resize import resize_grid

Array = NDArray[Any]
Shape = tuple[int, ...]
Transform = Callable[[Array, Shape], Array]


def _same(x: Array, shape: Shape) -> Array:
    return x


def _dense(x: Array, shape: Shape) -> Array:
    """(out, in) or (out, in, 1, 1) -> (in, out)."""
    x = x[..., 0, 0] if x.ndim == 4 and x.shape[2:] == (1, 1) else x
    return x.T


def _conv(x: Array, shape: Shape) -> Array:
    """(out, in, kh, kw) -> (kh, kw, in, out)."""
    return x.transpose(2, 3, 1, 0) if x.ndim == 4 else x


def _dwconv(x: Array, shape: Shape) -> Array:
    """(C, 1, kh, kw) -> (kh, kw, C, 1)."""
    return x.transpose(2, 3, 0, 1) if x.ndim == 4 else x


def _flat(x: Array, shape: Shape) -> Array:
    return x.reshape(-1)


def _reshaped(x: Array, shape: Shape) -> Array:
    return x.reshape(shape) if math.prod(shape) == x.size else x


def _heads_in(x: Array, shape: Shape) -> Array:
    """(D, D) -> transposed, then (D, heads, width); a bias (D,) -> (heads, width)."""
    return _reshaped(x.T if x.ndim == 2 else x, shape)


def _third(part: int) -> Transform:
    """Rows of one third of a fused (3 D, D) kernel or (3 D,) bias, then by heads."""

    def split(x: Array, shape: Shape) -> Array:
        if x.ndim not in (1, 2) or x.shape[0] % 3:
            return x
        width = x.shape[0] // 3
        return _heads_in(x[part * width : (part + 1) * width], shape)

    return split


def _pos_grid(antialias: bool) -> Transform:
    """(1, 1 + N, D) -> (1 + M, D): the class position stays, the grid is resized."""

    def place(x: Array, shape: Shape) -> Array:
        x = x.reshape(x.shape[-2:]) if x.ndim == 3 and x.shape[0] == 1 else x
        if x.shape == shape or x.ndim != 2 or x.shape[-1:] != shape[-1:]:
            return x
        sides = math.isqrt(x.shape[0] - 1), math.isqrt(shape[0] - 1)
        if sides[0] ** 2 != x.shape[0] - 1 or sides[1] ** 2 != shape[0] - 1:
            return x
        grid = np.asarray(x[1:]).reshape(sides[0], sides[0], -1)
        # torch's antialiased cubic kernel has another slope than its plain one
        slope = -0.5 if antialias else -0.75
        options = {"kind": "bicubic", "a": slope, "antialias": antialias}
        resized = resize_grid(grid, sides[1], sides[1], **options)
        return np.concatenate([x[:1], resized.reshape(-1, shape[1])])

    return place


TRANSFORMS: dict[str, Transform] = {
    "id": _same,
    "dense": _dense,
    "conv": _conv,
    "dwconv": _dwconv,
    "convT": _conv,
    "patch": _conv,
    "flat": _flat,
    "reshape": _reshaped,
    "heads_in": _heads_in,
    "heads_out": _heads_in,
    "query_of_qkv": _third(0),
    "key_of_qkv": _third(1),
    "value_of_qkv": _third(2),
    "pos_grid": _pos_grid(antialias=False),
    "pos_grid_antialias": _pos_grid(antialias=True),
}


def shape_after(name: str, before: Shape, target: Shape) -> Shape:
    """Returns the shape that a transform gives, without any values."""
    empty = np.broadcast_to(np.float32(0), before)
    return tuple(TRANSFORMS[name](empty, target).shape)
