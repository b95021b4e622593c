"""BandLogitNorm maps lengths into the band, monotonically."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import BandLogitNorm
from tests.layers.slopes import slope

RNG = np.random.default_rng(2)


def run(layer, x, **call):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32"), **call))


def length(x):
    return np.linalg.norm(np.asarray(x, "float64"), axis=-1)


def test_formula_by_the_logarithm():
    x, layer = RNG.normal(size=(4, 6)), BandLogitNorm(0.4)
    layer.build(x.shape)
    layer.set_weights(np.array([1.5, -0.3]))
    n = length(x)[:, None]
    share = (np.tanh(1.5 * np.log(n / np.sqrt(6)) - 0.3) + 1) / 2
    np.testing.assert_allclose(run(layer, x), x / n * (0.6 + 0.4 * share), atol=1e-6)


def test_length_rises_along_a_ray_inside_the_band_and_keeps_the_direction():
    ray = RNG.normal(size=5)
    ray /= np.sqrt((ray**2).mean())
    factors = np.exp(np.linspace(-2.5, 2.5, 21))[:, None]
    y = run(BandLogitNorm(0.5), factors * ray)
    assert (np.diff(length(y)) > 0).all()
    assert (length(y) >= 0.5).all()
    assert (length(y) <= 1 + 1e-6).all()
    np.testing.assert_allclose(length(y)[10], 0.75, atol=1e-6)  # size one: the middle
    cosine = (y @ ray) / length(y) / length(ray)
    np.testing.assert_allclose(cosine, 1, atol=1e-6)


def test_gamma_zero_gives_one_radius():
    x, layer = RNG.normal(size=(5, 4)), BandLogitNorm(0.2)
    layer.build(x.shape)
    layer.set_weights(np.zeros(2))
    np.testing.assert_allclose(length(run(layer, x)), 0.9, atol=1e-6)


@pytest.mark.parametrize("magnitude", ["log", "batch"])
def test_zero_gives_zero_and_a_finite_gradient(magnitude):
    layer, zero = BandLogitNorm(magnitude=magnitude), np.zeros((2, 4))
    assert not run(layer, zero).any()
    assert np.isfinite(slope(layer, zero)).all()


def test_batch_statistics_are_used_kept_and_then_replayed():
    x, layer = RNG.normal(size=(8, 3)) * 2, BandLogitNorm(0.3, magnitude="batch")
    layer.momentum = 0.9
    y = run(layer, x, training=True)
    n = length(x)[:, None]
    u = (n - n.mean()) / np.sqrt(n.var() + 1e-3)
    expected = x / n * (0.7 + 0.3 * (np.tanh(u) + 1) / 2)
    np.testing.assert_allclose(y, expected, atol=1e-5)
    kept = [float(layer.moving_mean), float(layer.moving_variance)]
    np.testing.assert_allclose(kept, [0.1 * n.mean(), 0.9 + 0.1 * n.var()], rtol=1e-5)
    u = (n - kept[0]) / np.sqrt(kept[1] + 1e-3)
    expected = x / n * (0.7 + 0.3 * (np.tanh(u) + 1) / 2)
    np.testing.assert_allclose(run(layer, x, training=False), expected, atol=1e-5)


def test_masked_steps_do_not_enter_the_statistics():
    x = RNG.normal(size=(2, 4, 3)).astype("float32")
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 0]], bool)
    layer = BandLogitNorm(magnitude="batch", momentum=0.0)
    layer(x, training=True, mask=ops.convert_to_tensor(mask))
    n = length(x)[mask]
    kept = [float(layer.moving_mean), float(layer.moving_variance)]
    np.testing.assert_allclose(kept, [n.mean(), n.var()], rtol=1e-5)
    assert {w.name for w in layer.non_trainable_weights} == {
        "moving_mean",
        "moving_variance",
    }


def test_a_saved_model_keeps_the_statistics(tmp_path):
    model = keras.Sequential([keras.Input((3,)), BandLogitNorm(magnitude="batch")])
    model(RNG.normal(size=(8, 3)), training=True)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    assert float(loaded.layers[0].moving_mean) == float(model.layers[0].moving_mean)
    assert float(loaded.layers[0].moving_mean) > 0


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [({"magnitude": "x"}, "magnitude"), ({"momentum": 1.0}, "momentum")],
)
def test_bad_argument_is_named(kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be .* Received: {named}="):
        BandLogitNorm(**kwargs)
