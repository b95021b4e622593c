"""A softmax that forgets its small weights.

All work on the last axis, in float32 or wider. Scores that `allowed` forbids weigh
exactly 0 and do not count; a row's largest weight always stays.
"""

from typing import Any

from keras import ops

from dl_techniques.layers.attention.masks import LOWEST, masked_softmax
from dl_techniques.layers.norms.base import at_least_float32

# A weight this little below its threshold is rounding: a uniform row stays whole.
SLACK = 1 - 1e-6


def top_k_softmax(scores: Any, k: int, allowed: Any = None) -> Any:
    """Returns the softmax over the k largest scores; ties with the last one stay."""
    z = at_least_float32(scores)
    kept = z if allowed is None else ops.where(allowed, z, LOWEST)
    smallest = -ops.sort(-ops.stop_gradient(kept), axis=-1)[..., :k][..., -1:]
    chosen = kept >= smallest
    chosen = chosen if allowed is None else ops.logical_and(allowed, chosen)
    return masked_softmax(z, chosen)


def threshold_softmax(scores: Any, threshold: Any = None, allowed: Any = None) -> Any:
    """Returns the softmax without weights below `threshold`, rescaled to sum 1.

    None is one over the number of permitted keys of the row.
    """
    p = masked_softmax(scores, allowed)
    limit = 1 / permitted(p, allowed) if threshold is None else threshold
    return _prune(p, limit)


def soft_threshold_softmax(scores: Any, threshold: Any, allowed: Any = None) -> Any:
    """Returns max(p - threshold * max p, 0) of the softmax p, rescaled to sum 1.

    It has a gradient in `threshold`, which is below 1.
    """
    p = masked_softmax(scores, allowed)
    largest = ops.max(p, axis=-1, keepdims=True)
    return _rescale(ops.relu(p - threshold * largest))


def iterative_softmax(
    scores: Any, factor: float = 0.6, rounds: int = 3, allowed: Any = None
) -> Any:
    """Drops weights below min(1, 1 / (n factor ** i)) in rounds i = 0, 1, ...

    n is the number of permitted keys of the row; what is left is rescaled each time.
    """
    p = masked_softmax(scores, allowed)
    count = permitted(p, allowed)
    for i in range(rounds):
        p = _prune(p, ops.minimum(1 / (count * factor**i), 1.0))
    return p


def permitted(scores: Any, allowed: Any = None) -> Any:
    """Returns how many keys each row permits, at least 1, the last axis kept."""
    ones = ops.ones_like(scores)
    ones = ones if allowed is None else ops.where(allowed, ones, 0.0)
    return ops.maximum(ops.sum(ones, axis=-1, keepdims=True), 1.0)


def _prune(p: Any, limit: Any) -> Any:
    fixed = ops.stop_gradient(p)
    largest = ops.max(fixed, axis=-1, keepdims=True)
    stays = ops.logical_or(fixed >= limit * SLACK, fixed >= largest)
    return _rescale(ops.where(stays, p, 0.0))


def _rescale(p: Any) -> Any:
    total = ops.sum(p, axis=-1, keepdims=True)
    return p / ops.where(total > 0, total, 1.0)
