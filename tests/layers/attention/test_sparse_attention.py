"""Sparse attention: the maps inside a layer, patterns and errors."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import SparseAttention, entmax15
from tests.layers.attention.softmaxes import causal, project
from tests.layers.slopes import weight_slopes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 8, 6)).astype("float32")


def maps(layer, x=X, **call):
    y, weights = layer(x, return_attention_scores=True, **call)
    return ops.convert_to_numpy(y), ops.convert_to_numpy(weights)


def near(window):
    i = np.arange(8)
    return abs(i[:, None] - i) < window


def even(stride):
    i = np.arange(8)
    return (i[:, None] - i) % stride == 0


def test_output_is_the_mixed_values():
    layer = SparseAttention(2, 3, value_dim=4, output_dim=5)
    y, weights = maps(layer)
    w = {v.path.split("/", 1)[1]: ops.convert_to_numpy(v) for v in layer.weights}
    q, k, v = (
        project(X, w[f"{n}/kernel"], w[f"{n}/bias"]) for n in ("query", "key", "value")
    )
    scores = np.einsum("bthd,bshd->bhts", q, k) / np.sqrt(3)
    np.testing.assert_allclose(
        weights, ops.convert_to_numpy(entmax15(scores.astype("float32"))), atol=1e-5
    )
    mixed = np.einsum("bhts,bshd->bthd", weights, v)
    expected = np.einsum("bthk,hkd->btd", mixed, w["attention_output/kernel"])
    np.testing.assert_allclose(y, expected, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X)), y, atol=1e-6)


def test_softmax_without_a_pattern_is_multi_head_attention():
    layer = SparseAttention(2, 3, normalizer="softmax")
    y, _ = maps(layer)
    plain = keras.layers.MultiHeadAttention(2, 3)
    plain.build(X.shape, X.shape)
    named = {w.path.split("/", 1)[1]: w for w in layer.weights}
    for w in plain.weights:
        w.assign(named[w.path.split("/", 1)[1]])
    np.testing.assert_allclose(ops.convert_to_numpy(plain(X, X)), y, atol=1e-5)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"pattern": "local", "window": 2}, near(2)),
        ({"pattern": "strided", "stride": 3}, even(3)),
        ({"pattern": "local_strided", "window": 2, "stride": 4}, near(2) | even(4)),
        ({"pattern": "local", "window": 3, "causal": True}, near(3) & causal(8, 8)),
        ({"causal": True}, causal(8, 8)),
    ],
)
def test_patterns(given, expected):
    _, weights = maps(SparseAttention(2, 3, normalizer="softmax", **given))
    np.testing.assert_array_equal(weights > 0, np.broadcast_to(expected, weights.shape))
    mask = near(4).T
    _, weights = maps(
        SparseAttention(2, 3, normalizer="sparsemax", **given), attention_mask=mask
    )
    assert not weights[:, :, ~(expected & mask)].any()
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)


def test_a_wide_window_is_dense():
    wide, dense = (
        SparseAttention(2, 3, pattern="local", window=8),
        SparseAttention(2, 3),
    )
    wide.build(X.shape)
    dense.build(X.shape)
    dense.set_weights(wide.get_weights())
    np.testing.assert_allclose(maps(wide)[0], maps(dense)[0], atol=1e-6)


@pytest.mark.parametrize(
    "given",
    [
        {"normalizer": "entmax", "learn_alpha": True, "alpha": 1.7},
        {
            "normalizer": "threshold",
            "threshold": 0.1,
            "learnable_threshold": True,
            "per_head_thresholds": True,
        },
    ],
)
def test_learned_sparsity_has_a_slope(given):
    layer = SparseAttention(2, 3, **given)
    layer.build(X.shape)
    name = "alpha_logit" if "alpha" in given else "threshold"
    slopes = weight_slopes(layer, X, lambda y: ops.sum(y**2))
    assert slopes[name].shape == (2,)
    assert (abs(slopes[name]) > 1e-7).all()
    told = layer.explain(X)
    start = 1.7 if "alpha" in given else 0.1
    np.testing.assert_allclose(told[name.split("_")[0]], start, rtol=1e-5)


@pytest.mark.parametrize("normalizer", ["entmax15", "sparsemax", "top_k", "threshold"])
def test_padding_counts_for_nothing_and_empty_rows_give_the_bias(normalizer):
    layer = SparseAttention(
        2, 3, normalizer=normalizer, top_k=2, bias_initializer="ones"
    )
    mask = np.array([[True] * 5 + [False] * 3] * 2)
    short, _ = maps(layer, X[:, :5])
    y, weights = maps(layer, mask=mask)
    np.testing.assert_allclose(y[:, :5], short, atol=1e-5)
    assert not weights[..., 5:].any()
    y, weights = maps(layer, attention_mask=np.zeros((8, 8), bool))
    assert not weights.any()
    np.testing.assert_allclose(y, 1.0, atol=1e-6)


def test_explain_counts_zeros():
    layer = SparseAttention(2, 3, normalizer="top_k", top_k=2, causal=True)
    told = layer.explain(X)
    np.testing.assert_array_equal(told["support_size"][0, 0], [1] + [2] * 7)
    np.testing.assert_allclose(told["share_of_zeros"], 1 - 15 / 36, rtol=1e-6)


@pytest.mark.parametrize(
    "bad",
    [
        {"normalizer": "x"},
        {"pattern": "x"},
        {"alpha": 1.0},
        {"alpha": 2.1},
        {"threshold": 0.0},
        {"threshold": "x"},
        {"iterative_alpha": 1.0},
        {"max_iterations": 0},
        {"top_k": 0},
        {"window": 0},
        {"stride": 1},
        {"pattern": "local"},
        {"pattern": "local_strided", "window": 2},
        {"learn_alpha": True},
        {"normalizer": "threshold", "learnable_threshold": True},
        {"learnable_threshold": True, "threshold": 0.1},
        {"per_head_thresholds": True},
        {"value_dim": 0},
    ],
)
def test_illegal_arguments(bad):
    with pytest.raises(ValueError, match="must be"):
        SparseAttention(2, 3, **bad)
