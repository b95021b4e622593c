"""BitLinear against the formulas of the papers in float64."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import BitLinear


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(5, 16)).astype("float32")


def built(x, **kwargs):
    layer = BitLinear(8, **kwargs)
    layer.build(x.shape)
    return layer


def reference(x, kernel, bias=0.0, *, norm=True):
    x = x.astype("float64")
    if norm:
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)
    s = 127 / np.maximum(np.abs(x).max(-1, keepdims=True), 1e-5)
    xq = np.clip(np.rint(x * s), -128, 127) / s
    w = kernel.astype("float64")
    g = max(np.abs(w).mean(), 1e-5)
    return xq @ (g * np.clip(np.rint(w / g), -1, 1)) + bias


@pytest.mark.parametrize("norm", [True, False])
def test_formula(x, norm):
    layer = built(x, use_norm=norm, use_bias=True)
    bias = np.linspace(-1, 1, 8)
    layer.bias.assign(bias)
    kernel = ops.convert_to_numpy(layer.kernel)
    expected = reference(x, kernel, bias, norm=norm)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), expected, atol=1e-5)


def test_kernel_has_three_values(x):
    levels, scale = built(x).quantized_kernel()
    assert set(np.unique(levels)) == {-1, 0, 1}
    assert scale > 0


@pytest.mark.parametrize(
    ("quantizer", "levels"), [("binary", 2), ("int4", 16), ("int8", 256)]
)
def test_other_quantizers(x, quantizer, levels):
    found, _ = built(x, weight_quantizer=quantizer).quantized_kernel()
    assert len(np.unique(found)) <= levels


def test_norm_makes_the_scale_of_the_input_irrelevant(x):
    layer = built(x)
    np.testing.assert_allclose(layer(3 * x), layer(x), atol=2e-2)
    plain = built(x, use_norm=False)
    np.testing.assert_allclose(plain(4 * x), 4 * plain(x), rtol=1e-5, atol=1e-6)


def test_rounding_error_of_activations_is_bounded(x):
    told = built(x).explain(x)
    error = np.abs(told["quantised_input"] - told["normalised_input"])
    peak = np.abs(told["normalised_input"]).max(-1, keepdims=True)
    assert (error <= peak / 254 + 1e-6).all()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="gradient tape")
def test_gradient_passes_straight_through(x):
    import tensorflow as tf

    layer = built(x)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(layer(x) * tf.cumsum(tf.ones((5, 8)), axis=1))
    gradient = tape.gradient(y, layer.kernel.value)
    xq = layer.explain(x)["quantised_input"].astype("float64")
    expected = xq.T @ np.cumsum(np.ones((5, 8)), axis=1)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-4)


def test_zero_input_gives_the_bias():
    layer = BitLinear(3, use_bias=True, bias_initializer="ones")
    np.testing.assert_array_equal(layer(np.zeros((2, 4), "float32")), np.ones((2, 3)))


def test_half_the_quantisation_lies_between(x):
    layer = built(x, lambda_=0.5, activation_bits=None, use_norm=False)
    kernel = ops.convert_to_numpy(layer.kernel).astype("float64")
    g = np.abs(kernel).mean()
    mixed = (kernel + g * np.clip(np.rint(kernel / g), -1, 1)) / 2
    np.testing.assert_allclose(layer(x), x @ mixed, atol=1e-5)


def test_stochastic_rounding_is_unbiased_and_only_trains():
    x = np.full((4000, 1), 0.3, "float32")
    x[:, 0] += np.linspace(0, 0.5, 4000)
    wide = np.concatenate([x, np.ones_like(x)], 1)
    layer = BitLinear(
        2,
        use_norm=False,
        weight_quantizer=None,
        activation_bits=2,
        strategy="stochastic",
        kernel_initializer="identity",
        seed=0,
    )
    y = ops.convert_to_numpy(layer(wide, training=True))[:, 0]
    assert abs(y.mean() - wide[:, 0].mean()) < 0.02
    np.testing.assert_array_equal(layer(wide), layer(wide))


def test_bits_per_weight_is_the_entropy(x):
    layer = built(x)
    layer.kernel.assign(np.tile([1.0, -1.0, 0.0, 0.0], (16, 2)))
    assert layer.bits_per_weight() == pytest.approx(1.5)
    names = [name for name, _ in layer.spectral_matrices()]
    assert names == ["kernel (latent)", "kernel (quantised)"]
