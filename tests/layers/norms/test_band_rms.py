"""BandRMS and its adaptive form keep the size inside the band."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import AdaptiveBandRMS, BandRMS, RMSNorm
from tests.layers.slopes import weight_slopes

RNG = np.random.default_rng(1)


def run(layer, x):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def sized(x):
    return np.sqrt((np.asarray(x, "float64") ** 2).mean(axis=-1))


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, "float64")))


def with_param(layer, shape, param):
    layer.build(shape)
    layer.set_weights([np.broadcast_to(param, layer.band_param.shape)])
    return layer


@pytest.mark.parametrize("band_shape", ["feature", "scalar"])
def test_formula(band_shape):
    x = RNG.normal(size=(4, 5))
    param = RNG.normal(size=5 if band_shape == "feature" else ())
    layer = BandRMS(0.3, epsilon=0.01, band_shape=band_shape, band_slope=2.0)
    gain = 0.7 + 0.3 * sigmoid(2 * param)
    expected = x / np.sqrt((x**2).mean(-1, keepdims=True) + 0.01) * gain
    got = run(with_param(layer, x.shape, param), x)
    np.testing.assert_allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_size_stays_inside_the_band_for_any_parameter(scale):
    x = RNG.normal(size=(6, 8))
    x *= scale / sized(x)[:, None]
    for param in (-50, RNG.normal(0, 3, 8), 50):
        y = run(with_param(BandRMS(0.2), x.shape, param), x)
        assert (sized(y) >= 0.8 - 1e-3).all()
        assert (sized(y) <= 1 + 1e-6).all()


def test_gains_at_the_start_and_at_the_ends():
    layer = with_param(BandRMS(0.4), (1, 3), [0, 50, -50])
    gain = ops.convert_to_numpy(layer.gain())
    np.testing.assert_allclose(gain, [0.8, 1.0, 0.6], atol=1e-6)


def test_parameter_has_a_gradient_at_zero():
    layer, x = BandRMS(), RNG.normal(size=(3, 4)).astype("float32")
    layer.build(x.shape)
    grad = weight_slopes(layer, x)["band_param"]
    assert np.isfinite(grad).all()
    assert grad.all()


def test_narrow_band_is_rms_norm_and_scalar_keeps_the_direction():
    x = RNG.normal(size=(4, 6))
    plain = run(RMSNorm(epsilon=1e-7, use_scale=False), x)
    np.testing.assert_allclose(run(BandRMS(1e-6), x), plain, atol=1e-5)
    y = run(with_param(BandRMS(0.9, band_shape="scalar"), x.shape, -1.0), x)
    cosine = (x * y).sum(-1) / np.linalg.norm(x, axis=-1) / np.linalg.norm(y, axis=-1)
    np.testing.assert_allclose(cosine, 1, atol=1e-6)


def test_regularizer_survives_as_an_object():
    assert BandRMS(band_regularizer=None).band_regularizer is None
    assert BandRMS().get_config()["band_regularizer"] == "default"
    config = BandRMS(band_regularizer=keras.regularizers.L1(0.5)).get_config()
    assert isinstance(BandRMS.from_config(config).band_regularizer, keras.Regularizer)
    default = BandRMS()
    default.build((None, 2))
    default.band_param.assign([1.0, 2.0])
    assert ops.convert_to_numpy(default.losses[0]) == pytest.approx(5e-5)


def test_adaptive_form_without_kernel_is_the_fixed_one():
    x, bias = RNG.normal(size=(3, 4, 5)), RNG.normal(size=5)
    layer = AdaptiveBandRMS(0.5)
    layer.build(x.shape)
    layer.set_weights([np.zeros((1, 5)), bias])
    fixed = with_param(BandRMS(0.5), x.shape, bias)
    np.testing.assert_allclose(run(layer, x), run(fixed, x), atol=1e-6)


def test_adaptive_formula_over_two_axes():
    x = RNG.normal(size=(3, 2, 4, 5))
    kernel, bias = RNG.normal(size=(1, 10)), RNG.normal(size=10)
    layer = AdaptiveBandRMS(0.3, axis=(1, 3), epsilon=1e-3, band_slope=0.7)
    layer.build(x.shape)
    layer.set_weights([kernel, bias])
    r = np.sqrt((x**2).mean(axis=(1, 3), keepdims=True) + 1e-3)
    t = np.log(r).mean(axis=(1, 2, 3))[:, None]
    gain = (0.7 + 0.3 * sigmoid(0.7 * (t * kernel + bias))).reshape(3, 2, 1, 5)
    np.testing.assert_allclose(run(layer, x), x / r * gain, atol=1e-5)


@pytest.mark.parametrize("cls", [BandRMS, AdaptiveBandRMS])
@pytest.mark.parametrize("width", [0, 1, -0.1])
def test_bad_width_is_named(cls, width):
    with pytest.raises(ValueError, match=r"`max_band_width` must be .* Received:"):
        cls(max_band_width=width)
