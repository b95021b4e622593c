"""Gradients of a layer's summed output, by input and by weight."""

import keras
from keras import ops

from tests.gradients import gradient


def slope(function, x):
    """Returns d sum(function(x)) / dx."""
    return gradient(lambda p: ops.sum(function(p)), x)


def weight_slopes(layer, x, loss=ops.sum):
    """Returns {path under the layer: d loss(layer(x)) / d weight}."""
    values = [ops.convert_to_numpy(w) for w in layer.trainable_weights]

    def total(point, index):
        mapping = [
            (w, point if i == index else ops.convert_to_tensor(values[i]))
            for i, w in enumerate(layer.trainable_weights)
        ]
        with keras.StatelessScope(state_mapping=mapping):
            return loss(layer(x))

    return {
        w.path.partition("/")[2]: gradient(lambda p, i=i: total(p, i), values[i])
        for i, w in enumerate(layer.trainable_weights)
    }
