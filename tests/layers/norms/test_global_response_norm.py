"""GlobalResponseNorm against the paper's algorithm and its invariances."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import GlobalResponseNormalization
from dl_techniques.layers.norms import GlobalResponseNorm
from tests.layers.slopes import slope

RNG = np.random.default_rng(3)
SHAPES = [(3, 6), (3, 4, 6), (2, 4, 5, 6), (2, 2, 3, 2, 6)]


def layer_with(shape, gamma, beta, **kwargs):
    layer = GlobalResponseNorm(**kwargs)
    layer.build(shape)
    layer.set_weights([gamma, beta])
    return layer


def run(layer, x):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def reference(x, gamma, beta):
    axes = tuple(range(1, x.ndim - 1))
    norm = np.sqrt((x**2).sum(axis=axes, keepdims=True))
    relative = norm / (norm.mean(axis=-1, keepdims=True) + 1e-6)
    return gamma * (x * relative) + beta + x


def reference_slope(x, gamma, beta, step=1e-6):
    """Central differences of the sum of all outputs, in float64."""
    moves = step * np.eye(x.size).reshape(x.size, *x.shape)
    sums = [reference(x + m, gamma, beta).sum() for m in (*moves, *-moves)]
    up, down = np.split(np.asarray(sums), 2)
    return ((up - down) / (2 * step)).reshape(x.shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_values_and_gradient_are_the_papers(shape):
    gamma, beta, x = RNG.normal(size=6), RNG.normal(size=6), RNG.normal(size=shape)
    layer = layer_with(shape, gamma, beta)
    np.testing.assert_allclose(run(layer, x), reference(x, gamma, beta), atol=1e-5)
    expected = reference_slope(x, gamma, beta)
    np.testing.assert_allclose(slope(layer, x), expected, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_identity_at_the_start(shape):
    x = RNG.normal(size=shape)
    np.testing.assert_allclose(run(GlobalResponseNorm(), x), x, atol=1e-6)


def test_dense_output_of_the_readme():
    x = keras.layers.Dense(128)(RNG.normal(size=(4, 16)))
    assert GlobalResponseNorm()(x).shape == (4, 128)
    assert GlobalResponseNormalization is GlobalResponseNorm


def test_pixels_may_be_permuted_and_the_input_scaled():
    gamma, beta = RNG.normal(size=4), RNG.normal(size=4)
    x = RNG.normal(size=(2, 9, 4))
    layer = layer_with(x.shape, gamma, beta, epsilon=1e-12)
    y, order = run(layer, x), RNG.permutation(9)
    np.testing.assert_allclose(run(layer, x[:, order]), y[:, order], atol=1e-5)
    np.testing.assert_allclose(run(layer, 3 * x) - beta, 3 * (y - beta), atol=1e-4)


def test_equal_norms_do_not_compete():
    x = np.sign(RNG.normal(size=(2, 3, 3, 4)))
    gamma, beta = RNG.normal(size=4), RNG.normal(size=4)
    got = run(layer_with(x.shape, gamma, beta), x)
    np.testing.assert_allclose(got, x * (1 + gamma) + beta, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_all_zero_maps_have_a_finite_gradient(shape):
    layer = layer_with(shape, np.ones(6), np.zeros(6))
    grad = slope(layer, np.zeros(shape))
    assert np.isfinite(grad).all()


@pytest.mark.parametrize("shape", [(None,), (None, 3, None), (None, *[2] * 5)])
def test_bad_shape_is_named(shape):
    with pytest.raises(ValueError, match=r"`input_shape` must be"):
        GlobalResponseNorm().build(shape)
