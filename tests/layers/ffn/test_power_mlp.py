"""PowerMLP against a float64 reference, its exact splines and its growth."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import PowerMLP, PowerMLPLayer
from tests.layers.ffn.weights import built, run, weights_of
from tests.layers.slopes import slope

RNG = np.random.default_rng(4)


def silu(x):
    return x / (1 + np.exp(-x))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_layer_formula(k):
    x = RNG.normal(size=(2, 3, 5))
    layer, w = built(PowerMLPLayer(4, k), x.shape)
    main = np.maximum(x @ w["main_dense/kernel"] + w["main_dense/bias"], 0) ** k
    expected = main + silu(x) @ w["basis_dense/kernel"]
    np.testing.assert_allclose(run(layer, x), expected, rtol=1e-4, atol=1e-4)
    assert set(w) == {"main_dense/kernel", "main_dense/bias", "basis_dense/kernel"}


def test_first_power_without_basis_is_dense_and_relu():
    x = RNG.normal(size=(3, 5))
    layer, w = built(PowerMLPLayer(4, 1, use_basis=False), x.shape)
    dense = keras.layers.Dense(4, activation="relu")
    dense.build(x.shape)
    dense.set_weights([w["main_dense/kernel"], w["main_dense/bias"]])
    np.testing.assert_allclose(run(layer, x), run(dense, x), atol=1e-6)


def test_power_is_homogeneous_and_flat_at_zero():
    x = RNG.normal(size=(3, 5))
    layer, _ = built(PowerMLPLayer(4, 3, use_basis=False, use_bias=False), x.shape)
    np.testing.assert_allclose(run(layer, 2 * x), 8 * run(layer, x), rtol=1e-4)
    assert not slope(layer, np.zeros((2, 5))).any()


@pytest.mark.parametrize("x", [-1e4, -80.0, 0.0, 1e3])
def test_gradient_is_finite_everywhere(x):
    layer, _ = built(PowerMLPLayer(2, 3), (1, 2))
    assert np.isfinite(slope(layer, np.full((1, 2), x))).all()


def test_one_unit_draws_a_truncated_power():
    x = np.linspace(-2, 2, 9)[:, None]
    layer = PowerMLPLayer(1, 2, use_basis=False)
    layer.build((None, 1))
    layer.set_weights([np.ones((1, 1)), np.full(1, -0.5)])
    np.testing.assert_allclose(run(layer, x), np.maximum(x - 0.5, 0) ** 2, atol=1e-6)


@pytest.mark.parametrize("norm", [None, "layer", "rms"])
def test_stack_ends_in_a_dense(norm):
    x = RNG.normal(size=(3, 5))
    layer, w = built(PowerMLP([4, 3, 2], k=2, norm=norm), x.shape)
    h = x
    for i in range(2):
        if i and norm:
            h = h - h.mean(-1, keepdims=True) if norm == "layer" else h
            epsilon = 1e-3 if norm == "layer" else 1e-6
            h = h / np.sqrt((h**2).mean(-1, keepdims=True) + epsilon)
            name = "gamma" if norm == "layer" else "scale"
            h = h * w[f"norm_{i}/{name}"] + w.get(f"norm_{i}/beta", 0)
        main = h @ w[f"layer_{i}/main_dense/kernel"] + w[f"layer_{i}/main_dense/bias"]
        h = np.maximum(main, 0) ** 2 + silu(h) @ w[f"layer_{i}/basis_dense/kernel"]
    expected = h @ w["output_layer/kernel"] + w["output_layer/bias"]
    np.testing.assert_allclose(run(layer, x), expected, rtol=1e-3, atol=1e-3)
    assert ("norm_1/gamma" in w or "norm_1/scale" in w) == bool(norm)


def test_one_entry_is_a_plain_dense():
    layer = PowerMLP([3], output_activation="tanh")
    layer.build((None, 2))
    assert set(weights_of(layer)) == {"output_layer/kernel", "output_layer/bias"}


def test_normalisation_tames_the_growth():
    x = RNG.normal(size=(64, 64)).astype("float32")
    loose, tame = (
        PowerMLP([64, 64, 64, 64], norm=n).explain(x)["layer_std"]
        for n in (None, "rms")
    )
    assert loose[2] > 1e6
    assert tame[2] < 100


def test_float16_power_does_not_become_infinite():
    layer = PowerMLPLayer(2, 3, dtype="mixed_float16")
    y = ops.convert_to_numpy(layer(np.full((1, 4), 500.0, "float32")))
    assert np.isfinite(y.astype("float32")).all()


@pytest.mark.parametrize("k", [0, 2.0, True])
def test_bad_power_is_named(k):
    for make in (lambda: PowerMLPLayer(2, k), lambda: PowerMLP([2], k)):
        with pytest.raises(ValueError, match=r"`k` must be .* Received: k="):
            make()


@pytest.mark.parametrize("units", [[], [4, 0], 4, [4, 2.5]])
def test_bad_widths_are_named(units):
    with pytest.raises(ValueError, match="`hidden_units` must be"):
        PowerMLP(units)
