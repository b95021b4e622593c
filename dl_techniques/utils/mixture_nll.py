"""The likelihood of targets under predicted mixtures of Gaussians."""

import math
from typing import Any

import keras
from keras import ops


def mixture_nll(y: Any, params: Any, num_mixtures: int, output_dimension: int) -> Any:
    """Returns the negative log-likelihood of each sample, in float32 or wider.

        -logsumexp_k(log_softmax(pi)_k + sum_d(-((y - mu) / sigma)^2 / 2 - ln sigma
        - ln(2 pi) / 2))

    Args:
        y: Targets `(..., D)`, or `(...)` when D is 1.
        params: `(..., 2 K D + K)`: mu (K D), sigma (K D) above 0, pi logits (K).
        num_mixtures: K.
        output_dimension: D.

    Source: Bishop (1994), NCRG/94/004, eq. 22-29.
    """
    params = ops.convert_to_tensor(params)
    k, d = num_mixtures, output_dimension
    dtype = keras.backend.result_type(params.dtype, "float32")
    params = ops.cast(params, dtype)
    y = ops.cast(y, dtype)
    if len(y.shape) < len(params.shape):
        y = ops.expand_dims(y, -1)
    shape = (*ops.shape(params)[:-1], k, d)
    mu = ops.reshape(params[..., : k * d], shape)
    sigma = ops.reshape(params[..., k * d : 2 * k * d], shape)
    z = (ops.expand_dims(y, -2) - mu) / sigma
    log_normal = -0.5 * z * z - ops.log(sigma) - 0.5 * math.log(2 * math.pi)
    log_pi = ops.log_softmax(params[..., 2 * k * d :], axis=-1)
    return -ops.logsumexp(log_pi + ops.sum(log_normal, axis=-1), axis=-1)
