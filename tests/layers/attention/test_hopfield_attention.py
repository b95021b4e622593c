"""Hopfield retrieval: iteration, energy, stopping and a recall test."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import logsumexp

from dl_techniques.layers import (
    HopfieldAttention,
    hopfield_energy,
    hopfield_retrieve,
)
from tests.layers.attention.softmaxes import project, softmax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 6)).astype("float32")
Y = RNG.normal(size=(2, 7, 4)).astype("float32")


def named(layer):
    return {v.path.split("/", 1)[1]: ops.convert_to_numpy(v) for v in layer.weights}


def normed(x, epsilon=1e-5):
    x = np.asarray(x, "float64")
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon)


def reference(layer, query, value, key, beta, allowed=None, eps=1e-4, space=False):
    """Returns the output and the weights of every step, row by row in float64."""
    w = named(layer)
    q, k, v = (
        project(x, w[f"{n}/kernel"], w[f"{n}/bias"])
        for n, x in (("query", query), ("key", key), ("value", value))
    )
    if space:
        q, k = normed(q), normed(k)
    beta = np.broadcast_to(beta, q.shape[2])[:, None, None]
    xi = softmax(beta * np.einsum("bthd,bshd->bhts", q, k), allowed)
    trace, moving = [xi], np.ones(xi.shape[:3], bool)
    for _ in range(layer.update_steps_max):
        q = np.einsum("bhts,bshd->bthd", xi, k)
        new = softmax(beta * np.einsum("bthd,bshd->bhts", q, k), allowed)
        new = np.where(moving[..., None], new, xi)
        moving &= np.linalg.norm(new - xi, axis=-1) > eps
        xi = new
        trace.append(xi)
    mixed = np.einsum("bhts,bshd->bthd", xi, v)
    y = np.einsum("bthk,hkd->btd", mixed, w["attention_output/kernel"])
    return y + w["attention_output/bias"], trace


@pytest.mark.parametrize("steps", [0, 1, 4])
@pytest.mark.parametrize("beta", [None, 0.7, 5.0])
def test_formula(steps, beta):
    layer = HopfieldAttention(
        2, 3, value_dim=4, beta=beta, update_steps_max=steps, output_dim=5
    )
    y, weights = layer(X, Y, return_attention_scores=True)
    sharp = 1 / np.sqrt(3) if beta is None else beta
    expected, trace = reference(layer, normed(X), normed(Y), normed(Y), sharp)
    np.testing.assert_allclose(ops.convert_to_numpy(y), expected, atol=2e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(weights), trace[-1], atol=1e-5)
    told = layer.association_trace(X, Y)
    assert len(told) == steps + 1
    np.testing.assert_allclose(told, trace, atol=1e-5)


def test_space_norm_beta_by_head_and_masks():
    layer = HopfieldAttention(
        2,
        3,
        beta=2.0,
        trainable_beta=True,
        normalize_patterns=False,
        normalize_hopfield_space=True,
        update_steps_max=3,
    )
    layer.build(X.shape)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.log_beta), np.log(2.0))
    layer.log_beta.assign(np.log([0.5, 4.0]))
    mask = np.array([[True] * 3 + [False] * 2, [True] * 5])
    y = layer(X, mask=mask)
    allowed = mask[:, None, None]
    expected, _ = reference(layer, X, X, X, [0.5, 4.0], allowed, space=True)
    np.testing.assert_allclose(ops.convert_to_numpy(y), expected, atol=2e-5)
    np.testing.assert_allclose(layer.explain(X)["beta"], [0.5, 4.0], rtol=1e-5)


def test_without_updates_it_is_multi_head_attention():
    layer = HopfieldAttention(2, 3, normalize_patterns=False)
    y = ops.convert_to_numpy(layer(X))
    plain = keras.layers.MultiHeadAttention(2, 3)
    plain.build(X.shape, X.shape)
    own = {w.path.split("/", 1)[1]: w for w in layer.weights}
    for w in plain.weights:
        w.assign(own[w.path.split("/", 1)[1]])
    np.testing.assert_allclose(ops.convert_to_numpy(plain(X, X)), y, atol=1e-5)


def test_a_row_stops_on_its_own():
    layer = HopfieldAttention(2, 3, beta=8.0, update_steps_max=6, update_steps_eps=0.05)
    both = ops.convert_to_numpy(layer(X))
    for i in range(2):
        alone = ops.convert_to_numpy(layer(X[i : i + 1]))
        np.testing.assert_allclose(both[i : i + 1], alone, atol=1e-5)
    trace = np.array(layer.association_trace(X))
    moves = np.linalg.norm(np.diff(trace, axis=0), axis=-1)
    stopped = np.cumsum(moves <= 0.05, axis=0) > 0
    assert stopped.any()
    np.testing.assert_array_equal(moves[1:][stopped[:-1]], 0)


def test_energy_falls_and_the_state_settles():
    layer = HopfieldAttention(
        2, 3, beta=3.0, update_steps_max=32, update_steps_eps=1e-9
    )
    told = layer.explain(X, Y)
    assert told["energy"].shape == (33, 2, 2, 5)
    assert (told["energy"] >= -1e-5).all()
    assert (np.diff(told["energy"], axis=0) <= 1e-5).all()
    np.testing.assert_allclose(
        told["association_trace"][-1], told["association_trace"][-2], atol=1e-4
    )
    np.testing.assert_array_equal(told["association_trace"][-1], told["attention"])


def test_energy_formula():
    q, k = RNG.normal(size=(4, 3)), RNG.normal(size=(6, 3))
    largest = (k**2).sum(-1).max()
    expected = -logsumexp(2 * q @ k.T, axis=-1) / 2 + (q**2).sum(-1) / 2
    expected += np.log(6) / 2 + largest / 2
    got = ops.convert_to_numpy(hopfield_energy(q, k, 2.0))
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    one = ops.convert_to_numpy(hopfield_energy(q[0], k, 2.0))
    np.testing.assert_allclose(one, expected[0], rtol=1e-5)


def test_noisy_patterns_are_recalled_in_one_update():
    stored = RNG.choice([-1.0, 1.0], (20, 64)).astype("float32")
    noisy = stored.copy()
    noisy[:, RNG.choice(64, 6, replace=False)] *= -1
    found = ops.convert_to_numpy(hopfield_retrieve(noisy, stored, 1.0))
    np.testing.assert_allclose(found, stored, atol=1e-3)
    one = ops.convert_to_numpy(hopfield_retrieve(noisy[3], stored, 1.0, steps=2))
    np.testing.assert_allclose(one, stored[3], atol=1e-3)
    blurred = ops.convert_to_numpy(hopfield_retrieve(noisy, stored, 1e-6))
    np.testing.assert_allclose(blurred, np.tile(stored.mean(0), (20, 1)), atol=1e-3)


@pytest.mark.parametrize(
    "bad",
    [
        {"update_steps_max": None},
        {"update_steps_max": -1},
        {"update_steps_max": 33},
        {"beta": 0.0},
        {"update_steps_eps": 0.0},
        {"epsilon": 0.0},
        {"value_dim": 0},
    ],
)
def test_illegal_arguments(bad):
    with pytest.raises(ValueError, match="must be"):
        HopfieldAttention(2, 3, **bad)
