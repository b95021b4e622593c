"""Gradients on any backend, as NumPy arrays."""

import keras
import numpy as np
from keras import ops


def gradient(function, x, dtype="float32"):
    """Returns the gradient of a scalar function of one tensor."""
    x = np.asarray(ops.convert_to_numpy(x)).astype(dtype)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x, unconnected_gradients="zero").numpy()
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(function)(x))
    x = ops.convert_to_tensor(x).requires_grad_(True)
    function(x).backward()
    return ops.convert_to_numpy(x.grad)


def numeric_gradient(function, x, step=1e-6):
    """Central differences in float64 of a scalar NumPy function."""
    x = np.array(x, "float64")
    slope = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        slope[i] = (function(up) - function(down)) / (2 * step)
    return slope
