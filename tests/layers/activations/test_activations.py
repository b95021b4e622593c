"""Activation layers against float64 formulas, with their gradients."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import (
    BasisFunction,
    ExpandedArcTan,
    ExpandedGELU,
    ExpandedSiLU,
    Mish,
    ReLUK,
    SaturatedMish,
    mish,
    saturated_mish,
    xATLU,
    xGELU,
    xSiLU,
)
from tests.layers.slopes import slope, weight_slopes

X = np.linspace(-8, 8, 65)
FAR = np.array([[-1e4, -100.0, 0.0, 100.0, 1e4]])
GATES = {
    ExpandedGELU: lambda x: 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    ExpandedSiLU: lambda x: 1 / (1 + np.exp(-x)),
    ExpandedArcTan: lambda x: (np.arctan(x) + np.pi / 2) / np.pi,
}


def run(layer, x):
    return ops.convert_to_numpy(layer(ops.convert_to_tensor(np.asarray(x, "float32"))))


def np_mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


def np_saturated(x, alpha=3.0, beta=0.5):
    s = 1 / (1 + np.exp(-(x - alpha) / beta))
    return np_mish(x) * (1 - s) + np_mish(alpha) * s


@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (Mish(), np_mish),
        (mish, np_mish),
        (SaturatedMish(), np_saturated),
        (saturated_mish, np_saturated),
        (SaturatedMish(1.5, 0.2), lambda x: np_saturated(x, 1.5, 0.2)),
        (ReLUK(1), lambda x: np.maximum(x, 0)),
        (ReLUK(3), lambda x: np.maximum(x, 0) ** 3),
        (BasisFunction(), lambda x: x / (1 + np.exp(-x))),
    ],
)
def test_values_and_gradients(layer, reference):
    np.testing.assert_allclose(run(layer, X), reference(X), rtol=1e-5, atol=1e-5)
    kink = np.abs(X) < 1e-9
    numeric = (reference(X + 1e-5) - reference(X - 1e-5)) / 2e-5
    got = slope(layer, X)
    np.testing.assert_allclose(got[~kink], numeric[~kink], rtol=1e-4, atol=1e-4)


def test_mish_minimum_and_limit():
    x = np.linspace(-2, 0, 2001)
    y = run(Mish(), x)
    assert y.min() == pytest.approx(-0.3088, abs=1e-4)
    assert x[y.argmin()] == pytest.approx(-1.192, abs=5e-3)
    assert run(Mish(), [0.0])[0] == 0


@pytest.mark.parametrize("layer", [SaturatedMish(), BasisFunction(), ReLUK(2), Mish()])
def test_far_values_and_gradients_are_finite(layer):
    assert np.isfinite(run(layer, FAR)).all()
    assert np.isfinite(slope(layer, FAR)).all()


@pytest.mark.parametrize("cls", [SaturatedMish, ReLUK, BasisFunction, Mish])
def test_far_values_are_finite_in_float16(cls):
    y = ops.convert_to_numpy(cls(dtype="float16")(FAR.astype("float16")))
    assert np.isfinite(y.astype("float32")).all()


def test_plateau_is_mish_of_alpha():
    assert run(SaturatedMish(), [50.0])[0] == pytest.approx(2.9865, abs=1e-3)


def test_basis_function_is_silu():
    np.testing.assert_array_equal(
        run(BasisFunction(), FAR), run(keras.activations.silu, FAR)
    )


@pytest.mark.parametrize("cls", GATES)
def test_expanded_gates(cls):
    g = GATES[cls](X)
    layer = cls(alpha_initializer=keras.initializers.Constant(0.3))
    np.testing.assert_allclose(run(layer, X), X * (g * 1.6 - 0.3), atol=1e-5)
    np.testing.assert_allclose(run(cls(), X), X * g, atol=1e-5)
    x = np.array([1.7], "float32")
    expected = 1.7 * (2 * GATES[cls](np.array([1.7])) - 1)
    assert weight_slopes(layer, x)["alpha"] == pytest.approx(expected[0], rel=1e-4)


def test_expanded_gates_without_alpha_are_the_known_ones():
    gelu = run(lambda x: keras.activations.gelu(x, approximate=False), X)
    np.testing.assert_allclose(run(ExpandedGELU(), X), gelu, atol=1e-5)
    silu = run(keras.activations.silu, X)
    np.testing.assert_allclose(run(ExpandedSiLU(), X), silu, atol=1e-5)
    assert (xGELU, xSiLU, xATLU) == (ExpandedGELU, ExpandedSiLU, ExpandedArcTan)


def test_functions_serve_as_activations_in_a_saved_model(tmp_path):
    dense = keras.layers.Dense(2, activation=saturated_mish)
    model = keras.Sequential([keras.Input((3,)), dense])
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = np.ones((2, 3), "float32")
    np.testing.assert_allclose(run(loaded, x), run(model, x))


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: ReLUK(0), "k"),
        (lambda: ReLUK(1.5), "k"),
        (lambda: SaturatedMish(alpha=0), "alpha"),
        (lambda: SaturatedMish(beta=-1), "beta"),
        (lambda: saturated_mish(X, alpha=-1), "alpha"),
    ],
)
def test_bad_argument_is_named(make, named):
    with pytest.raises(ValueError, match=f"`{named}` must be .* Received: {named}="):
        make()
