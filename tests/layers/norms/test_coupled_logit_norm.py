"""Coupled logits share one budget."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import CoupledLogitNorm, CoupledMultiLabelHead

RNG = np.random.default_rng(6)


def run(layer, x):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32")))


@pytest.mark.parametrize(("constant", "strength"), [(0.1, 1.0), (2.0, 0.5), (1.0, 0.0)])
def test_formula_keeps_signs_and_order(constant, strength):
    x = RNG.normal(size=(5, 4))
    y = run(CoupledLogitNorm(constant, strength), x)
    norm = ((x**2).sum(-1, keepdims=True) + 1e-7) ** (strength / 2)
    np.testing.assert_allclose(y, x / (constant * norm), rtol=1e-4)
    np.testing.assert_array_equal(np.sign(y), np.sign(x))
    np.testing.assert_array_equal(y.argsort(-1), x.argsort(-1))


def test_no_coupling_leaves_the_logits_and_full_coupling_has_unit_norm():
    x = RNG.normal(size=(5, 4))
    np.testing.assert_allclose(run(CoupledLogitNorm(1.0, 0.0), x), x, atol=1e-6)
    y = run(CoupledLogitNorm(), x)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), 1, atol=1e-5)


def test_a_larger_logit_lowers_all_others():
    x = np.array([[1.0, -2.0, 0.5]])
    more = x + np.array([[3.0, 0, 0]])
    layer = CoupledLogitNorm(coupling_strength=0.5)
    assert (np.abs(run(layer, more))[0, 1:] < np.abs(run(layer, x))[0, 1:]).all()


def test_constant_two_keeps_probabilities_near_one_half():
    p = run(CoupledMultiLabelHead(constant=2.0), 100 * RNG.normal(size=(50, 6)))
    assert p.min() >= 0.377
    assert p.max() <= 0.623


def test_head_is_dense_then_coupling_then_sigmoid():
    x, head = RNG.normal(size=(4, 3)), CoupledMultiLabelHead(2, constant=0.2)
    p = run(head, x)
    kernel, bias = (ops.convert_to_numpy(w) for w in head.weights)
    z = x @ kernel + bias
    z = z / (0.2 * np.linalg.norm(z, axis=-1, keepdims=True))
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-z)), atol=1e-5)
    together = head.explain(x)["co_activation"]
    active = p > 0.5
    assert together[0, 1] == pytest.approx((active[:, 0] & active[:, 1]).mean())


@pytest.mark.parametrize("cls", [CoupledLogitNorm, CoupledMultiLabelHead])
def test_bad_coupling_is_named(cls):
    with pytest.raises(ValueError, match=r"`coupling_strength` must be .* Received:"):
        cls(coupling_strength=1.1)
    with pytest.raises(ValueError, match=r"`constant` must be .* Received: constant=0"):
        cls(constant=0)
