"""What layers with prototypes share: distances, repulsion and k-means."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]
Array = NDArray[np.float64]
TINY = 1e-24


def known_width(input_shape: Shape, axis: int = -1) -> int:
    """Returns the size of the feature axis; rank below 2 or unknown raises."""
    rule = "(batch, ..., features) with known features"
    rank = len(input_shape)
    fits = rank >= 2 and -rank <= axis < rank and input_shape[axis] is not None
    check(fits, "input_shape", rule, tuple(input_shape))
    return int(input_shape[axis] or 0)


def squared_distances(x: Any, centers: Any) -> Any:
    """Returns `||x||^2 - 2 x c + ||c||^2`, at least 0, `(..., centers)`.

    Both are first moved by the mean centre, so that data far from the origin lose
    no digits; no `(..., centers, features)` array exists.
    """
    middle = ops.stop_gradient(ops.mean(centers, axis=0))
    x, c = x - middle, centers - middle
    square = ops.sum(x * x, axis=-1, keepdims=True)
    product = ops.matmul(x, ops.transpose(c))
    return ops.maximum(square - 2 * product + ops.sum(c * c, axis=-1), 0.0)


def distances(squares: Any) -> Any:
    """Returns square roots whose gradient at 0 is 0."""
    return ops.sqrt(ops.maximum(squares, TINY))


def crowding(centers: Any, minimum: float) -> Any:
    """Returns `max(0, minimum - dist)` of every pair, 0 on the diagonal."""
    count = centers.shape[0]
    gaps = ops.maximum(minimum - distances(squared_distances(centers, centers)), 0.0)
    return gaps * (1 - ops.eye(count, dtype=centers.dtype))


def repulsion(centers: Any, minimum: float) -> Any:
    """Returns the mean over pairs i != j of `max(0, minimum - dist)^2`."""
    count = centers.shape[0]
    pairs = max(count * (count - 1), 1)
    return ops.sum(ops.square(crowding(centers, minimum))) / pairs


def at_least_float32(x: Any) -> Any:
    """Returns `x` in float32, or in its own type when that is wider."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def k_means(x: Array, count: int, seed: int = 0, rounds: int = 100) -> Array:
    """Returns `count` centres `(count, d)` of the rows of `x` by Lloyd's rounds.

    The start is k-means++; an empty cluster stays where it is.

    Source: Arthur & Vassilvitskii (2007), SODA, k-means++.
    """
    check(len(x) >= count, "x", f"at least {count} rows", x.shape)
    rng = np.random.default_rng(seed)
    centers = _plus_plus(x, count, rng)
    for _ in range(rounds):
        nearest = _squares(x, centers).argmin(1)
        size = np.bincount(nearest, minlength=count)[:, None]
        total = np.zeros_like(centers)
        np.add.at(total, nearest, x)
        moved = np.where(size > 0, total / np.maximum(size, 1), centers)
        if np.allclose(moved, centers, rtol=0, atol=1e-9):
            return moved
        centers = moved
    return centers


def _plus_plus(x: Array, count: int, rng: np.random.Generator) -> Array:
    """Draws starting centres, each far from the ones before; best of a few tries."""
    chosen = [x[rng.integers(len(x))]]
    near = _squares(x, chosen[0][None])[:, 0]
    tries = 2 + int(math.log(count))
    for _ in range(count - 1):
        total = near.sum()
        odds = near / total if total > 0 else None
        drawn = x[rng.choice(len(x), tries, p=odds)]
        closer = np.minimum(near[:, None], _squares(x, drawn))
        best = closer.sum(0).argmin()
        chosen.append(drawn[best])
        near = closer[:, best]
    return np.stack(chosen)


def _squares(x: Array, centers: Array) -> Array:
    square = (x * x).sum(1)[:, None] - 2 * x @ centers.T + (centers * centers).sum(1)
    return np.asarray(np.maximum(square, 0.0))
