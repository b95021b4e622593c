"""Runs a feed-forward layer and reads its weights by name."""

import numpy as np
from keras import ops
from scipy.special import erf

RNG = np.random.default_rng(0)


def run(layer, x, **call):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32"), **call))


def weights_of(layer):
    """Returns {path under the layer: float64 array}."""
    return {
        w.path.partition("/")[2]: ops.convert_to_numpy(w).astype("float64")
        for w in layer.weights
    }


def built(layer, shape):
    layer.build(shape)
    layer.set_weights([RNG.normal(size=w.shape) for w in layer.weights])
    return layer, weights_of(layer)


def gelu(x):
    return x * (1 + erf(x / np.sqrt(2))) / 2


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))
