"""How strongly two positions of a map relate: the functions of a non-local block."""

import math
from collections.abc import Sequence
from typing import Any

from keras import ops

from dl_techniques.layers.softmax import LOWEST, masked_softmax

MODES = ("gaussian", "embedded_gaussian", "dot_product", "concatenation")


def pool_keys(
    maps: list[Any], step: int | None, mask: Any = None
) -> tuple[list[Any], Any]:
    """Max-pools maps `(batch, ..., C)` over space, leaving masked positions out.

    The time axis of a rank-5 map is not pooled. The second value says which keys hold
    a permitted position, as `(batch, ...)` booleans, or is None without a mask.
    """
    kept = None if mask is None else _spread(mask, maps[0])
    if step is None:
        return maps, None if kept is None else kept[..., 0]
    if kept is not None:
        maps = [ops.where(kept, x, LOWEST) for x in maps]
    maps = [_max_pool(x, step) for x in maps]
    if kept is None:
        return maps, None
    kept = _max_pool(ops.cast(kept, maps[0].dtype), step) > 0
    return [ops.where(kept, x, 0.0) for x in maps], kept[..., 0]


def _spread(mask: Any, x: Any) -> Any:
    """Returns a mask of the leading axes of `x` as `(batch, ..., 1)` booleans."""
    for _ in range(len(x.shape) - len(mask.shape)):
        mask = ops.expand_dims(mask, -1)
    return ops.logical_and(ops.cast(mask, "bool"), ops.ones_like(x[..., :1], "bool"))


def _max_pool(x: Any, step: int) -> Any:
    spatial = len(x.shape) - 2
    size = (1, step, step) if spatial == 3 else (step,) * spatial
    return ops.max_pool(x, size, size, padding="valid", data_format="channels_last")


def score_sizes(
    shape: Sequence[int | None], step: int | None
) -> tuple[int | None, int | None]:
    """Returns the numbers of positions and keys of a map, None where unknown."""
    sizes = shape[1:-1]
    pooled = [
        n if n is None or (i == 0 and len(sizes) == 3) else n // (step or 1)
        for i, n in enumerate(sizes)
    ]
    rows, keys = (
        None if None in s else math.prod(n or 0 for n in s) for s in (sizes, pooled)
    )
    return rows, keys


def pair_scores(theta: Any, phi: Any, kernel: Any = None) -> Any:
    """Returns theta_i phi_j, or relu(w [theta_i, phi_j]) with a kernel `(2 I, 1)`.

    `theta` is `(batch, N, I)`, `phi` `(batch, M, I)`; the result `(batch, N, M)`.
    """
    if kernel is None:
        return ops.matmul(theta, ops.transpose(phi, (0, 2, 1)))
    inner = theta.shape[-1]
    rows = ops.matmul(theta, kernel[:inner])
    columns = ops.matmul(phi, kernel[inner:])
    return ops.relu(rows + ops.transpose(columns, (0, 2, 1)))


def pair_weights(scores: Any, kept: Any, *, softmax: bool) -> Any:
    """Returns a softmax over the kept keys, or the scores over their number.

    A sample without any key gets weights of 0.
    """
    kept = None if kept is None else ops.expand_dims(kept, 1)
    if softmax:
        return masked_softmax(scores, kept)
    if kept is None:
        return scores / ops.cast(ops.shape(scores)[-1], scores.dtype)
    count = ops.sum(ops.cast(kept, scores.dtype), axis=-1, keepdims=True)
    return ops.where(kept, scores / ops.maximum(count, 1.0), 0.0)
