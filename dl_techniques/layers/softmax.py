"""The softmax over permitted entries and the entropy of its rows."""

from typing import Any

import numpy as np
from keras import ops

from dl_techniques.layers.norms.base import at_least_float32

LOWEST = float(np.finfo("float32").min)


def masked_softmax(scores: Any, allowed: Any = None, axis: int = -1) -> Any:
    """Returns the softmax over the permitted entries in float32 or wider.

    Other entries weigh exactly 0; so do all entries of a row that permits none.

    Args:
        scores: Of any rank.
        allowed: Booleans that broadcast to it, or None.
        axis: Axis to normalise.
    """
    scores = at_least_float32(scores)
    lowered = scores if allowed is None else ops.where(allowed, scores, LOWEST)
    alone = lowered.shape[axis] == 1  # Keras warns of an axis of one
    weights = ops.ones_like(lowered) if alone else ops.softmax(lowered, axis=axis)
    return weights if allowed is None else ops.where(allowed, weights, 0.0)


def row_entropy(weights: Any, axis: int = -1, *, keepdims: bool = False) -> Any:
    """Returns `-sum p ln p` in nats, with 0 ln 0 = 0."""
    p = at_least_float32(weights)
    logs = ops.log(ops.where(p > 0, p, 1.0))
    return -ops.sum(p * logs, axis=axis, keepdims=keepdims)
