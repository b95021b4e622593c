"""ConvGatedMLP is three Dense layers on the pixels."""

import keras
import numpy as np
from keras import ops

from dl_techniques.layers import ConvGatedMLP
from tests.layers.ffn.weights import built, run

RNG = np.random.default_rng(2)


def reference(x, w):
    gate, up = (
        np.maximum(x @ w[f"{n}/kernel"][0, 0] + w[f"{n}/bias"], 0)
        for n in ("gate", "up")
    )
    return np.tanh((gate * up) @ w["down/kernel"][0, 0] + w["down/bias"])


def test_equals_dense_layers_on_the_pixels():
    x = RNG.normal(size=(2, 3, 4, 5))
    layer, w = built(ConvGatedMLP(6, output_activation="tanh"), x.shape)
    assert w["gate/kernel"].shape == (1, 1, 5, 6)
    assert w["down/kernel"].shape == (1, 1, 6, 6)
    np.testing.assert_allclose(run(layer, x), reference(x, w), atol=1e-4)


def test_channels_first_is_the_same_layer_transposed():
    x = RNG.normal(size=(2, 5, 3, 4)).astype("float32")
    layer, w = built(
        ConvGatedMLP(6, output_activation="tanh", data_format="channels_first"), x.shape
    )
    assert layer.compute_output_shape((None, 5, 3, 4)) == (None, 6, 3, 4)
    if keras.backend.backend() != "tensorflow":  # its CPU kernels are channels-last
        y = ops.convert_to_numpy(layer(x)).transpose(0, 2, 3, 1)
        expected = reference(x.transpose(0, 2, 3, 1), w)
        np.testing.assert_allclose(y, expected, atol=1e-4)


def test_older_argument_name():
    layer = ConvGatedMLP(2, attention_activation="gelu")
    assert layer.activation is keras.activations.gelu
