"""Capsules against the paper's procedure in float64."""

import numpy as np
import pytest
from keras import ops
from scipy.special import softmax

from dl_techniques import layers
from dl_techniques.layers import squash


def numpy(value):
    return ops.convert_to_numpy(value).astype("float64")


def squashed(s):
    square = (s**2).sum(-1, keepdims=True)
    return square / (1 + square) * s / np.sqrt(square + 1e-8)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


def routing(x, **kwargs):
    layer = layers.RoutingCapsule(4, 6, **kwargs)
    layer.build(x.shape)
    layer.kernel.assign(np.random.default_rng(1).normal(0, 0.7, layer.kernel.shape))
    return layer


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_routing_procedure(x, rounds):
    layer = routing(x, routing_iterations=rounds, use_bias=True)
    layer.bias.assign(np.random.default_rng(2).normal(0, 0.1, (4, 6)))
    u = np.einsum("bik,ijdk->bijd", x.astype("float64"), numpy(layer.kernel))
    b = np.zeros(u.shape[:3])
    for _ in range(rounds):
        c = softmax(b, axis=2)
        v = squashed((c[..., None] * u).sum(1) + numpy(layer.bias))
        b = b + (u * v[:, None]).sum(-1)
    np.testing.assert_allclose(numpy(layer(x)), v, rtol=1e-4, atol=1e-5)
    coupling = layer.explain(x)["coupling"]
    assert coupling.shape == (2, rounds, 5, 4)
    np.testing.assert_allclose(coupling[:, -1], c, rtol=1e-4)
    np.testing.assert_allclose(coupling.sum(-1), 1, rtol=1e-5)


def test_order_of_input_capsules_does_not_matter(x):
    layer = routing(x)
    order = np.array([3, 0, 4, 1, 2])
    y = numpy(layer(x))
    layer.kernel.assign(numpy(layer.kernel)[order])
    np.testing.assert_allclose(numpy(layer(x[:, order])), y, atol=1e-5)


def test_lengths_stay_below_one(x):
    assert (numpy(layers.CapsuleLength()(routing(x)(100 * x))) < 1).all()


def test_zero_capsules_have_a_finite_gradient():
    tf = pytest.importorskip("tensorflow")
    zero = tf.zeros((1, 2, 3))
    with tf.GradientTape() as tape:
        tape.watch(zero)
        y = tf.reduce_sum(layers.CapsuleLength()(squash(zero)))
    np.testing.assert_array_equal(tape.gradient(y, zero), 0)


def test_squash_is_odd_and_quadratic_near_zero():
    s = np.array([[1e-2, 0.0]], "float32")
    assert np.linalg.norm(squash(s)) == pytest.approx(1e-4, rel=1e-2)
    np.testing.assert_array_equal(numpy(squash(-s)), -numpy(squash(s)))


def test_primary_capsules_are_a_squashed_convolution():
    image = np.random.default_rng(0).normal(size=(2, 6, 6, 2)).astype("float32")
    layer = layers.PrimaryCapsule(3, 4, kernel_size=3)
    y = numpy(layer(image))
    maps = numpy(layer.conv(image)).reshape(2, -1, 4)
    np.testing.assert_allclose(y, squashed(maps), rtol=1e-4, atol=1e-6)


def test_block_norm_keeps_lengths(x):
    plain, block = routing(x), layers.CapsuleBlock(4, 6, use_layer_norm=True)
    block.build(x.shape)
    block.routing.set_weights(plain.get_weights())
    length = layers.CapsuleLength()
    np.testing.assert_allclose(length(block(x)), length(plain(x)), rtol=1e-4)


def test_block_drops_whole_capsules(x):
    block = layers.CapsuleBlock(40, 6, dropout_rate=0.5)
    y = numpy(block(np.repeat(x, 20, 0), training=True))
    dropped = (y == 0).all(-1)
    assert 0.4 < dropped.mean() < 0.6
    assert ((y == 0).any(-1) == dropped).all()
