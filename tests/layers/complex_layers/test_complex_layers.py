"""Complex layers against NumPy's complex arithmetic."""

import numpy as np
import pytest
from keras import ops

from dl_techniques import layers


def split(value):
    array = ops.convert_to_numpy(value).astype("float64")
    half = array.shape[-1] // 2
    return array[..., :half] + 1j * array[..., half:]


def join(z):
    return np.concatenate([z.real, z.imag], -1).astype("float32")


def draw(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def kernel(layer):
    real, imaginary = (
        ops.convert_to_numpy(w).astype("float64")
        for w in (layer.kernel_real, layer.kernel_imag)
    )
    return real + 1j * imaginary


def test_dense_is_a_complex_product():
    z = draw(4, 5)
    layer = layers.ComplexDense(3)
    layer.build((None, 10))
    layer.bias_real.assign([1, 2, 3])
    layer.bias_imag.assign([-1, 0, 1])
    expected = z @ kernel(layer) + np.array([1 - 1j, 2, 3 + 1j])
    np.testing.assert_allclose(split(layer(join(z))), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("strides", "padding"), [(1, "same"), (2, "valid")])
def test_convolution_is_a_complex_convolution(strides, padding):
    z = draw(2, 5, 5, 2)
    layer = layers.ComplexConv2D(3, strides=strides, padding=padding)
    y = split(layer(join(z)))
    pad = 1 if padding == "same" else 0
    padded = np.pad(z, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    windows = windows[:, ::strides, ::strides]
    expected = np.einsum("bhwcij,ijcf->bhwf", windows, kernel(layer))
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        layers.ComplexDense(3, use_bias=False),
        layers.ModReLU(),
        layers.ComplexAveragePooling2D(),
    ],
)
def test_turning_the_input_turns_the_output(layer):
    z = draw(2, 4, 4, 3)
    layer.build((None, 4, 4, 6))
    if hasattr(layer, "bias"):
        layer.bias.assign([-0.5, 0.2, -0.1])
    turn = np.exp(0.7j)
    np.testing.assert_allclose(
        split(layer(join(turn * z))), turn * split(layer(join(z))), atol=1e-5
    )


def test_complex_relu_depends_on_the_phase():
    z = draw(2, 3)
    y = split(layers.ComplexReLU()(join(z)))
    np.testing.assert_allclose(y, np.maximum(z.real, 0) + 1j * np.maximum(z.imag, 0))


def test_mod_relu_formula():
    z = draw(5, 2)
    layer = layers.ModReLU()
    layer.build((None, 4))
    layer.bias.assign([-1.0, 0.5])
    expected = np.maximum(abs(z) + np.array([-1.0, 0.5]), 0) * z / abs(z)
    np.testing.assert_allclose(split(layer(join(z))), expected, atol=1e-5)


def test_real_input_is_a_complex_input_without_imaginary_part():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype("float32")
    real = layers.ComplexConv2D(2, real_input=True)
    y = real(x)
    full = layers.ComplexConv2D(2)
    full.build((None, 4, 4, 6))
    full.set_weights(real.get_weights())
    np.testing.assert_allclose(full(np.concatenate([x, 0 * x], -1)), y, atol=1e-5)


@pytest.mark.parametrize("mode", ["magnitude", "magnitude_squared"])
def test_magnitudes(mode):
    z = draw(4, 3)
    y = layers.ComplexToReal(mode)(join(z))
    expected = abs(z) if mode == "magnitude" else abs(z) ** 2
    np.testing.assert_allclose(y, expected, rtol=1e-5)


@pytest.mark.parametrize(("mode", "fans"), [("glorot", 400 + 300), ("he", 400)])
def test_start_has_the_promised_variance(mode, fans):
    layer = layers.ComplexDense(300, initializer_mode=mode, seed=1)
    layer.build((None, 800))
    w = kernel(layer)
    assert np.mean(abs(w) ** 2) == pytest.approx(2 / fans, rel=0.02)
    assert abs(np.mean(w)) < 3e-4
    again = layers.ComplexDense(300, initializer_mode=mode, seed=1)
    again.build((None, 800))
    np.testing.assert_array_equal(kernel(again), w)


def test_odd_last_axis_is_refused():
    for layer in (layers.ComplexDense(2), layers.ModReLU(), layers.ComplexReLU()):
        with pytest.raises(ValueError, match="`input_shape` must be"):
            layer(np.ones((2, 3), "float32"))
