import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import (
    GroupedQueryAttention,
    GroupQueryAttention,
    MultiHeadAttention,
)
from tests.layers.attention.softmaxes import causal, project, softmax
from tests.layers.attention.turns import rms, turned

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 8)).astype("float32")
KEPT = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], bool)


def array(tensor):
    return ops.convert_to_numpy(tensor)


def reference(layer, x, heads, allowed=None, turn=lambda x: x):
    w = {v.path.split("/", 1)[1]: array(v) for v in layer.weights}
    q, k, v = (project(x, w[f"{n}/kernel"]) for n in ("query", "key", "value"))
    if "query_norm/scale" in w:
        q, k = rms(q, w["query_norm/scale"]), rms(k, w["key_norm/scale"])
    q, k = turn(q), turn(k)
    mixed = np.zeros((*q.shape[:3], v.shape[-1]))
    for head in range(heads):
        group = head * k.shape[2] // heads
        scores = np.einsum("btd,bsd->bts", q[:, :, head], k[:, :, group])
        weights = softmax(scores / np.sqrt(q.shape[-1]), allowed)
        mixed[:, :, head] = weights @ v[:, :, group]
    return np.einsum("bthk,hkd->btd", mixed, w["attention_output/kernel"])


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize(
    ("options", "turn"),
    [
        ({"rope": False}, lambda x: x),
        ({}, turned),
        ({"rope_layout": "half", "qk_norm": True}, lambda x: turned(x, layout="half")),
        (
            {"rope_fraction": 0.5, "rope_theta": 100.0},
            lambda x: turned(x, 100.0, fraction=0.5),
        ),
    ],
)
def test_output_equals_the_formula(groups, options, turn):
    layer = GroupQueryAttention(6, 4, groups, **options)
    output = array(layer(X))
    np.testing.assert_allclose(output, reference(layer, X, 4, None, turn), atol=1e-5)
    masked = array(layer(X, use_causal_mask=True))
    expected = reference(layer, X, 4, causal(5, 5), turn)
    np.testing.assert_allclose(masked, expected, atol=1e-5)
    assert array(layer(X, return_attention_scores=True)[1]).shape == (2, 4, 5, 5)
    norms = 2 * 6 if "qk_norm" in options else 0
    assert layer.count_params() == 8 * 6 * (2 * 4 + 2 * groups) + norms


@pytest.mark.parametrize(
    "call",
    [{}, {"use_causal_mask": True}, {"value_mask": KEPT}],
)
def test_without_turning_it_equals_the_layer_of_keras(call):
    theirs = keras.layers.GroupQueryAttention(4, 4, 2)
    ours = GroupQueryAttention(4, 4, 2, rope=False, use_bias=True)
    theirs.build(X.shape, X.shape)
    ours.build(X.shape)
    theirs.set_weights([RNG.normal(size=w.shape) for w in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    call = {k: ops.convert_to_tensor(v) for k, v in call.items()}
    expected = array(theirs(X, X, **call))
    np.testing.assert_allclose(array(ours(X, **call)), expected, atol=1e-5)


@pytest.mark.parametrize("turns", [False, True])
def test_as_many_groups_as_heads_is_multi_head_attention(turns):
    ours = GroupQueryAttention(4, 2, 2, rope=turns)
    many = MultiHeadAttention(2, 4, use_rope=turns, use_bias=False)
    ours.build(X.shape)
    many.build(X.shape)
    many.set_weights(ours.get_weights())
    np.testing.assert_allclose(array(ours(X)), array(many(X)), atol=1e-6)


def test_a_fraction_of_0_turns_nothing():
    one, two = GroupQueryAttention(3, 2, 1, rope_fraction=0.0), None
    one.build(X.shape)
    two = GroupQueryAttention(3, 2, 1, rope=False)
    two.build(X.shape)
    two.set_weights(one.get_weights())
    np.testing.assert_array_equal(array(one(X)), array(two(X)))


def test_the_future_does_not_leak():
    layer, later = GroupQueryAttention(4, 4, 2, dropout=0.3), X.copy()
    later[:, 3:] += 3.0
    before, after = (array(layer(x, use_causal_mask=True)) for x in (X, later))
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)


def test_a_row_that_permits_no_key_gives_zero():
    layer = GroupQueryAttention(4, 4, 2)
    assert not array(layer(X, attention_mask=np.zeros((5, 5), bool))).any()


def test_explain_tells_what_must_be_kept():
    told = GroupQueryAttention(4, 4, 2).explain(X)
    np.testing.assert_array_equal(told["cache_size"], [2 * 4 * 2, 2 * 4 * 4])
    assert told["attention"].shape == (2, 4, 5, 5)


def test_both_names_are_one_class():
    assert GroupedQueryAttention is GroupQueryAttention


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((0, 2, 1), "`head_dim` must be"),
        ((4, 0, 1), "`num_query_heads` must be"),
        ((4, 2, 0), "`num_key_value_heads` must be"),
        ((4, 4, 3), "`num_key_value_heads` must be a divisor of the 4 query heads"),
        ((3, 4, 2), "`head_dim` must be even"),
    ],
)
def test_illegal_widths_are_named(arguments, line):
    with pytest.raises(ValueError, match=line):
        GroupQueryAttention(*arguments)


@pytest.mark.parametrize(
    "argument",
    [
        {"rope_theta": 0.5},
        {"rope_fraction": 1.5},
        {"rope_layout": "no"},
        {"dropout": -1},
    ],
)
def test_illegal_values_are_named(argument):
    with pytest.raises(ValueError, match=f"`{next(iter(argument))}` must be"):
        GroupQueryAttention(4, 2, 1, **argument)
