"""Euclidean distances to masks, in the graph and on the host."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray

from dl_techniques.utils.validation import check, check_int

FAR = 1e12  # square of a distance no image has


def squared_distance(mask: Any) -> Any:
    """Returns the squared distance of every pixel to the nearest one in `mask`.

    Exact, one spatial axis after the other: `out_i = min_j(f_j + (i - j)^2)`. Where
    the mask is empty the result is far. Carries no gradient.

    Args:
        mask: Booleans (B, ..., C).
    """
    f = ops.where(mask, 0.0, FAR)
    for axis in range(1, len(mask.shape) - 1):
        f = _along(f, axis)
    return f


def _along(f: Any, axis: int) -> Any:
    last = len(f.shape) - 1
    order = [i for i in range(last + 1) if i != axis] + [axis]
    f = ops.transpose(f, order)
    count = ops.shape(f)[-1]
    places = ops.arange(count, dtype=f.dtype)

    def nearer(j: Any, out: Any) -> Any:
        here = ops.expand_dims(ops.take(f, j, axis=-1), -1)
        steps = ops.square(places - ops.cast(j, f.dtype))
        return ops.minimum(out, here + steps)

    f = ops.fori_loop(0, count, nearer, ops.full_like(f, FAR))
    return ops.transpose(f, [order.index(i) for i in range(last + 1)])


def _both_sides(target: Any) -> tuple[Any, Any, Any, Any]:
    """Returns the mask, distances to it and to its rest, and whether it has an edge."""
    inside = ops.stop_gradient(target) > 0.5
    axes = tuple(range(1, len(target.shape) - 1))
    has_in = ops.any(inside, axis=axes, keepdims=True)
    has_out = ops.any(ops.logical_not(inside), axis=axes, keepdims=True)
    to_mask = ops.sqrt(squared_distance(inside))
    to_rest = ops.sqrt(squared_distance(ops.logical_not(inside)))
    return inside, to_mask, to_rest, ops.logical_and(has_in, has_out)


def signed_distance(target: Any) -> Any:
    """Returns distances to the mask outside, minus those to its rest plus 1 inside.

    0 for a class that is absent or everywhere.
    """
    inside, to_mask, to_rest, edge = _both_sides(target)
    phi = ops.where(inside, 1.0 - to_rest, to_mask)
    return ops.cast(ops.where(edge, phi, 0.0), target.dtype)


def edge_distance(target: Any) -> Any:
    """Returns distances to the other side of the mask's edge; 0 without an edge."""
    inside, to_mask, to_rest, edge = _both_sides(target)
    field = ops.where(inside, to_rest, to_mask)
    return ops.cast(ops.where(edge, field, 0.0), target.dtype)


def signed_distance_map(
    y: ArrayLike, num_classes: int | None = None
) -> NDArray[np.float32]:
    """Returns `signed_distance` of masks, computed by SciPy on the host.

    For a data pipeline: `BoundaryLoss(from_distance_map=True)` takes it as the target.

    Args:
        y: One-hot masks (B, ..., C), or class numbers (B, ...) with `num_classes`.
        num_classes: C, for class numbers.

    Raises:
        ValueError: If the masks have no spatial axis or `num_classes` is below 1.
    """
    from scipy.ndimage import distance_transform_edt

    masks = np.asarray(y)
    if num_classes is not None:
        check_int("num_classes", num_classes)
        masks = keras.utils.to_categorical(masks, num_classes)
    check(masks.ndim >= 3, "y", "masks (B, ..., C)", masks.shape)
    result = np.zeros(masks.shape, dtype=np.float32)
    for i in range(masks.shape[0]):
        for c in range(masks.shape[-1]):
            inside = masks[i, ..., c] > 0.5
            if inside.any() and not inside.all():
                outer = distance_transform_edt(~inside)
                result[i, ..., c] = np.where(
                    inside, 1 - distance_transform_edt(inside), outer
                )
    return result
