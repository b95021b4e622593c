import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers.attention.base import AttentionBase
from tests.layers.attention.softmaxes import causal, project, softmax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 4, 6)).astype("float32")
Y = RNG.normal(size=(2, 5, 3)).astype("float32")
KEPT = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)


@keras.saving.register_keras_serializable(package="test_attention_base")
class Plain(AttentionBase):
    """The smallest layer on the base: two heads of width 3."""

    def build(self, query_shape, value_shape=None, key_shape=None):
        sizes = {"query": (2, 3), "key": (2, 3), "value": (2, 4)}
        self.build_projections(query_shape, value_shape, key_shape, **sizes)


def layer(**options):
    return Plain(num_heads=2, bias_initializer="random_normal", **options)


def arrays(*tensors):
    return [ops.convert_to_numpy(t) for t in tensors]


def reference(plain, query, value=None, key=None, allowed=None):
    value = query if value is None else value
    key = value if key is None else key
    w = {v.path.split("/", 1)[1]: ops.convert_to_numpy(v) for v in plain.weights}
    q = project(query, w["query/kernel"], w["query/bias"])
    k = project(key, w["key/kernel"], w["key/bias"])
    v = project(value, w["value/kernel"], w["value/bias"])
    weights = softmax(np.einsum("bthd,bshd->bhts", q, k) / np.sqrt(3), allowed)
    mixed = np.einsum("bhts,bshd->bthd", weights, v)
    out = np.einsum("bthk,hkd->btd", mixed, w["attention_output/kernel"])
    return out + w["attention_output/bias"], weights


@pytest.mark.parametrize(
    ("inputs", "call", "allowed"),
    [
        ((X,), {}, None),
        ((X, Y), {}, None),
        ((X, Y, Y[:, ::-1]), {}, None),
        ((X,), {"use_causal_mask": True}, causal(4, 4)),
        ((X, Y), {"use_causal_mask": True}, causal(4, 5)),
        ((X,), {"attention_mask": causal(4, 4).T}, causal(4, 4).T),
        ((X,), {"attention_mask": causal(4, 4)[None].astype(int)}, causal(4, 4)),
        ((X,), {"attention_mask": KEPT[:, None, None]}, KEPT[:, None, None]),
        ((X,), {"mask": KEPT}, KEPT[:, None, None]),
        ((X,), {"query_mask": KEPT}, KEPT[:, None, None]),
        ((X, X), {"query_mask": KEPT}, None),
        ((X, X), {"value_mask": KEPT}, KEPT[:, None, None]),
        ((X, X, X), {"key_mask": KEPT}, KEPT[:, None, None]),
        (
            (X,),
            {"mask": KEPT, "use_causal_mask": True, "attention_mask": causal(4, 4).T},
            KEPT[:, None, None] & np.eye(4, dtype=bool),
        ),
    ],
)
def test_output_and_maps_equal_the_formula(inputs, call, allowed):
    plain = layer()
    output, weights = arrays(*plain(*inputs, return_attention_scores=True, **call))
    expected = reference(plain, *inputs, allowed=allowed)
    np.testing.assert_allclose(output, expected[0], atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], atol=1e-6)
    np.testing.assert_allclose(arrays(plain(*inputs, **call))[0], output, atol=1e-6)


def test_masks_that_travel_with_the_tensors_count():
    plain, masking = layer(), keras.layers.Masking()
    x = np.where(KEPT[..., None], X, 0).astype("float32")
    for inputs in ((masking(x),), (masking(x), masking(x))):
        output = plain(*inputs)
        expected = reference(plain, x, allowed=KEPT[:, None, None])
        np.testing.assert_allclose(arrays(output)[0], expected[0], atol=1e-5)
        np.testing.assert_array_equal(arrays(output._keras_mask)[0], KEPT)
    allowed = ops.ones((4, 4), "bool")
    output = plain(masking(x), attention_mask=allowed)
    np.testing.assert_allclose(arrays(output)[0], expected[0], atol=1e-5)


def test_a_row_that_permits_no_key_gives_the_output_bias():
    plain, nothing = layer(), np.zeros((4, 4), bool)
    output, weights = plain(X, attention_mask=nothing, return_attention_scores=True)
    assert not arrays(weights)[0].any()
    bias = arrays(plain.output_dense.bias)[0]
    np.testing.assert_allclose(arrays(output)[0], np.broadcast_to(bias, X.shape))


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_the_future_does_not_leak(dropout):
    plain = layer(dropout=dropout, seed=1)
    later = X.copy()
    later[:, 3] += 5.0
    for call in ({}, {"return_attention_scores": True}):
        before, after = (
            arrays(keras.tree.flatten(plain(x, use_causal_mask=True, **call))[0])[0]
            for x in (X, later)
        )
        np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
        assert np.abs(before[:, 3] - after[:, 3]).max() > 1e-2


def test_positions_have_no_order_without_a_mask():
    plain, order = layer(), [2, 0, 3, 1]
    moved = arrays(plain(X[:, order]))[0]
    np.testing.assert_allclose(moved, arrays(plain(X))[0][:, order], atol=1e-6)


def test_seeded_kernels_differ():
    plain = layer(kernel_initializer=keras.initializers.GlorotUniform(seed=3))
    plain.build(X.shape)
    query, key = arrays(plain.query_dense.kernel, plain.key_dense.kernel)
    assert not np.allclose(query, key)


def test_symbolic_maps_have_the_real_shape():
    output, weights = layer()(
        keras.Input((None, 6)), keras.Input((5, 3)), return_attention_scores=True
    )
    assert output.shape == (None, None, 6)
    assert weights.shape == (None, 2, None, 5)


def test_explain_reads_the_maps_with_their_masks():
    plain = layer()
    told = plain.explain(X, mask=KEPT, use_causal_mask=True)
    allowed = KEPT[:, None, None] & causal(4, 4)
    output, weights = reference(plain, X, allowed=allowed)
    np.testing.assert_allclose(told["output"], output, atol=1e-5)
    np.testing.assert_allclose(told["attention"], weights, atol=1e-6)
    entropy = -np.sum(weights * np.log(np.where(weights > 0, weights, 1)), -1)
    np.testing.assert_allclose(told["entropy"], entropy, atol=1e-5)
    below = (weights < 0.25).mean((0, 2, 3))
    np.testing.assert_allclose(told["share_below_uniform"], below)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"num_heads": 0}, "`num_heads` must be an integer at least 1"),
        ({"num_heads": 2, "dropout": 1.0}, "`dropout` must be .* below 1"),
        ({"num_heads": 2, "output_dim": 0}, "`output_dim` must be"),
        ({"num_heads": 2, "seed": -1}, "`seed` must be"),
    ],
)
def test_illegal_arguments_are_named(arguments, line):
    with pytest.raises(ValueError, match=line):
        Plain(**arguments)


def test_lists_and_wrong_ranks_are_refused():
    plain = layer()
    for ready in (False, True):
        if ready:
            plain(X)
        with pytest.raises((TypeError, ValueError), match=r"`query(_shape)?` must be"):
            plain([X, X, X])
        with pytest.raises(ValueError, match=r"`query(_shape)?` must be"):
            plain(X[0])
        with pytest.raises(ValueError, match=r"`query(_shape)?` must be"):
            plain(X[:, :, None])
    with pytest.raises(ValueError, match="`attention_mask` must be of shape"):
        plain(X, attention_mask=np.ones(4, bool))
    with pytest.raises(ValueError, match="`key_shape` must be as long as the values"):
        layer()(X, Y, X)
