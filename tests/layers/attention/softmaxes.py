"""Float64 references that the attention tests share."""

import numpy as np


def softmax(scores, allowed=None):
    """Computes the softmax of the last axis over the permitted entries."""
    scores = np.asarray(scores, "float64")
    allowed = np.broadcast_to(True if allowed is None else allowed, scores.shape)
    lowered = np.where(allowed, scores, -np.inf)
    top = np.max(lowered, axis=-1, keepdims=True)
    powers = np.where(allowed, np.exp(scores - np.where(np.isfinite(top), top, 0)), 0)
    total = powers.sum(-1, keepdims=True)
    return powers / np.where(total > 0, total, 1)


def causal(queries, keys):
    return np.tril(np.ones((queries, keys), bool))


def project(x, kernel, bias=0.0):
    return np.einsum("btd,dhk->bthk", np.asarray(x, "float64"), kernel) + bias
