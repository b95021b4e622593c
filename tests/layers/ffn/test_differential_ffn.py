"""DifferentialFFN against a float64 reference and its symmetries."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import DifferentialFFN
from dl_techniques.regularizers import SoftOrthonormalConstraintRegularizer
from tests.layers.ffn.weights import built, gelu, relu, run, weights_of
from tests.layers.slopes import weight_slopes

RNG = np.random.default_rng(3)


def layer_norm(x, gamma, beta=0.0):
    z = x - x.mean(-1, keepdims=True)
    return z / np.sqrt((z**2).mean(-1, keepdims=True) + 1e-3) * gamma + beta


def gate(x, w, sign, temperature, norm, activation):
    h = x @ w[f"{sign}_dense/kernel"] + w[f"{sign}_dense/bias"]
    if norm:
        h = layer_norm(h, w[f"{sign}_norm/gamma"], w[f"{sign}_norm/beta"])
    h = activation(h)
    logits = h @ w[f"{sign}_proj/kernel"] + w[f"{sign}_proj/bias"]
    return 1 / (1 + np.exp(-logits / temperature))


@pytest.mark.parametrize("norm", [True, False])
def test_both_versions_of_the_project(norm):
    x = RNG.normal(size=(3, 2, 5))
    activation = gelu if norm else relu
    layer = DifferentialFFN(
        6,
        4,
        branch_activation="gelu" if norm else "relu",
        branch_norm=norm,
        gate_temperature=2.0,
        return_diff=True,
    )
    layer, w = built(layer, x.shape)
    assert w["positive_proj/kernel"].shape == (6, 3 if norm else 6)
    positive, negative = (
        gate(x, w, sign, 2.0, norm, activation) for sign in ("positive", "negative")
    )
    n = layer_norm(positive - negative, w["diff_norm/gamma"])
    y, told = (ops.convert_to_numpy(t) for t in layer(x.astype("float32")))
    np.testing.assert_allclose(told, n, atol=1e-4)
    expected = n @ w["output_proj/kernel"] + w["output_proj/bias"]
    np.testing.assert_allclose(y, expected, atol=1e-4)
    difference = layer.explain(x)["difference"]
    np.testing.assert_allclose(difference, positive - negative, atol=1e-5)
    assert (np.abs(difference) < 1).all()


def test_swapping_the_paths_flips_the_sign():
    x = RNG.normal(size=(3, 5))
    layer, w = built(DifferentialFFN(6), x.shape)
    bias, before = w["output_proj/bias"], run(layer, x)
    other = DifferentialFFN(6)
    other.build(x.shape)
    swap = {"positive": "negative", "negative": "positive"}
    for weight in other.weights:
        path = weight.path.partition("/")[2]
        sign = path.partition("_")[0]
        weight.assign(w[path.replace(sign, swap.get(sign, sign), 1)])
    np.testing.assert_allclose(run(other, x) - bias, bias - before, atol=1e-5)


def test_equal_paths_give_the_offset_and_n_has_no_mean():
    x = RNG.normal(size=(3, 5))
    layer, w = built(DifferentialFFN(6, return_diff=True), x.shape)
    n = ops.convert_to_numpy(layer(x.astype("float32"))[1])
    layer.diff_norm.gamma.assign(np.ones(3))
    n = ops.convert_to_numpy(layer(x.astype("float32"))[1])
    np.testing.assert_allclose(n.mean(-1), 0, atol=1e-6)
    for a, b in zip(layer.positive, layer.negative, strict=True):
        b.set_weights(a.get_weights())
    y, n = (ops.convert_to_numpy(t) for t in layer(x.astype("float32")))
    assert not n.any()
    np.testing.assert_array_equal(
        y, np.broadcast_to(w["output_proj/bias"].astype("f"), y.shape)
    )


def test_small_temperature_makes_gates_binary():
    x = RNG.normal(size=(20, 5))
    gates = DifferentialFFN(6, gate_temperature=1e-4).explain(x)["positive_gate"]
    assert (np.minimum(gates, 1 - gates) < 1e-3).mean() > 0.95


def test_shared_branch_has_half_the_first_weights_and_both_gradients():
    x = RNG.normal(size=(3, 5)).astype("float32")
    shared, apart = DifferentialFFN(6, share_branch=True), DifferentialFFN(6)
    shared.build(x.shape)
    apart.build(x.shape)
    assert "negative_dense/kernel" not in weights_of(shared)
    assert apart.count_params() - shared.count_params() == 5 * 6 + 6 + 2 * 6
    values = weights_of(shared)
    for weight in apart.weights:
        path = weight.path.partition("/")[2]
        source = path if path in values else path.replace("negative", "positive")
        weight.assign(values[source])
    np.testing.assert_allclose(run(shared, x), run(apart, x), atol=1e-6)

    def loss(y):
        return ops.sum(y * ops.arange(5, dtype="float32"))

    one, two = weight_slopes(shared, x, loss), weight_slopes(apart, x, loss)
    total = two["positive_dense/kernel"] + two["negative_dense/kernel"]
    np.testing.assert_allclose(one["positive_dense/kernel"], total, atol=1e-4)


def test_only_the_given_penalty_is_added():
    layer = DifferentialFFN(6)
    layer.build((None, 5))
    assert layer.losses == []
    penalty = SoftOrthonormalConstraintRegularizer()
    layer = DifferentialFFN(6, kernel_regularizer=penalty)
    layer.build((None, 5))
    assert len(layer.losses) == 5
    config = layer.get_config()["kernel_regularizer"]
    assert keras.regularizers.deserialize(config).get_config() == penalty.get_config()


def test_return_diff_needs_use_diff():
    with pytest.raises(ValueError, match="`return_diff` must be"):
        DifferentialFFN(4, use_diff=False, return_diff=True)
