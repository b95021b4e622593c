"""B-splines: knots, bases and the coefficients that fit given values."""

from itertools import pairwise
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

Float = NDArray[np.float64]


def uniform_knots(low: float, high: float, intervals: int, order: int) -> Float:
    """Returns `intervals + 2 * order + 1` knots; `order` lie outside on each side."""
    step = (high - low) / intervals
    return low + step * np.arange(-order, intervals + order + 1, dtype=np.float64)


def bases(x: Any, knots: Any, order: int) -> Any:
    """Evaluates all B-splines of each feature.

    Args:
        x: `(..., features)`.
        knots: `(features, intervals + 2 * order + 1)`, rising.
        order: Degree of the splines.

    Returns:
        `(..., features, intervals + order)`; non-negative, and 1 in sum between the
        first and the last inner knot.
    """
    return ops.stack(basis_maps(x, knots, order), axis=-1)


def basis_maps(x: Any, knots: Any, order: int) -> list[Any]:
    """Does what `bases` does; one array `(..., features)` for each spline.

    The Cox-de Boor recursion on half-open intervals. Whole arrays of one spline each
    are several times faster than one array with a short last axis.
    """
    t = ops.unstack(knots, axis=1)
    right = [x - knot for knot in t]
    reached = [ops.cast(x >= knot, x.dtype) for knot in t]
    b = [one - other for one, other in pairwise(reached)]
    for p in range(1, order + 1):
        b = [part * (1 / (t[i + p] - t[i])) for i, part in enumerate(b)]
        b = [
            right[i] * one - right[i + p + 1] * other
            for i, (one, other) in enumerate(pairwise(b))
        ]
    return b


def numpy_bases(x: Float, knots: Float, order: int) -> Float:
    """Does what `bases` does for one feature: x `(n,)` -> `(n, intervals + order)`."""
    x = x[:, None]
    b = ((x >= knots[:-1]) & (x < knots[1:])).astype(np.float64)
    for p in range(1, order + 1):
        rise = (x - knots[: -(p + 1)]) / (knots[p:-1] - knots[: -(p + 1)])
        fall = (knots[p + 1 :] - x) / (knots[p + 1 :] - knots[1:-p])
        b = rise * b[:, :-1] + fall * b[:, 1:]
    return b


def adapted_knots(
    x: Float, intervals: int, order: int, uniform_share: float, margin: float
) -> Float:
    """Returns knots that follow the quantiles of `x` `(n,)`, extended on both sides."""
    quantiles = np.quantile(x, np.linspace(0, 1, intervals + 1))
    even = np.linspace(x.min() - margin, x.max() + margin, intervals + 1)
    inner = uniform_share * even + (1 - uniform_share) * quantiles
    step = (inner[-1] - inner[0]) / intervals
    outside = step * np.arange(1, order + 1)
    return np.concatenate([inner[0] - outside[::-1], inner, inner[-1] + outside])


def fit(
    x: Float, values: Float, knots: Float, order: int, ridge: float = 1e-8
) -> Float:
    """Returns coefficients `(intervals + order, m)` for `values` `(n, m)` at `x`."""
    design = numpy_bases(x, knots, order)
    gram = design.T @ design + ridge * np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(gram, design.T @ values), dtype=np.float64)
