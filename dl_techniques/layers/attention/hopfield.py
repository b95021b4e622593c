"""Modern Hopfield networks as plain functions: energy and retrieval."""

from typing import Any

from keras import ops

from dl_techniques.layers.norms.base import at_least_float32
from dl_techniques.layers.softmax import LOWEST, masked_softmax


def hopfield_energy(state: Any, stored: Any, beta: Any, allowed: Any = None) -> Any:
    """Returns the energy of each state; retrieval never raises it.

        E = -lse(beta, K q) + |q|^2 / 2 + ln(N) / beta + M^2 / 2

    `lse(beta, x) = ln(sum exp(beta x)) / beta`; M is the largest norm of the N stored
    patterns. E is 0 or more.

    Args:
        state: q, `(..., T, d)`, or `(d,)`.
        stored: K, `(..., N, d)`.
        beta: Sharpness above 0; a tensor must broadcast to `(..., T, N)`.
        allowed: Booleans that broadcast to `(..., T, N)`, or None for all patterns.

    Returns:
        `(..., T)`, or a scalar for `(d,)`.

    Source: Ramsauer et al. (2020), arXiv:2008.02217, eq. 2.
    """
    q, k = (at_least_float32(ops.convert_to_tensor(x)) for x in (state, stored))
    if len(q.shape) == 1:
        return hopfield_energy(q[None], k, beta, allowed)[0]
    beta = ops.cast(beta, q.dtype)
    scores = beta * _products(q, k)
    sizes = ops.expand_dims(ops.sum(ops.square(k), axis=-1), -2)
    sizes = sizes + ops.zeros_like(scores)
    ones = ops.ones_like(scores)
    if allowed is not None:
        scores = ops.where(allowed, scores, LOWEST)
        sizes = ops.where(allowed, sizes, 0.0)
        ones = ops.where(allowed, ones, 0.0)
    count = ops.sum(ones, axis=-1, keepdims=True)
    lse = ops.where(count > 0, ops.logsumexp(scores, axis=-1, keepdims=True), 0.0)
    count = ops.maximum(count, 1.0)
    energy = (ops.log(count) - lse) / beta
    energy = energy + ops.max(sizes, axis=-1, keepdims=True) / 2
    return energy[..., 0] + ops.sum(ops.square(q), axis=-1) / 2


def hopfield_retrieve(state: Any, stored: Any, beta: Any, steps: int = 1) -> Any:
    """Moves states towards the stored patterns: q <- softmax(beta q K^T) K.

    Shapes are those of `hopfield_energy`; the result is shaped like `state`.

    Source: Ramsauer et al. (2020), arXiv:2008.02217, eq. 3.
    """
    q, k = (at_least_float32(ops.convert_to_tensor(x)) for x in (state, stored))
    if len(q.shape) == 1:
        return hopfield_retrieve(q[None], k, beta, steps)[0]
    beta = ops.cast(beta, q.dtype)
    for _ in range(steps):
        q = ops.matmul(masked_softmax(beta * _products(q, k)), k)
    return q


def _products(q: Any, k: Any) -> Any:
    return ops.matmul(q, ops.swapaxes(k, -1, -2))
