import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import AdaptiveMultiHeadAttention, MultiHeadAttention
from tests.layers.attention.softmaxes import project, softmax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 12, 8)).astype("float32")
KEPT = np.arange(12) < np.array([[9], [12]])


def array(tensor):
    return ops.convert_to_numpy(tensor)


def sharpened(scores, allowed, poly):
    plain = softmax(scores, allowed)
    h = -np.sum(plain * np.log(np.where(plain > 0, plain, 1)), -1, keepdims=True)
    beta = np.where(h > 0.5, np.maximum(np.polyval(poly, h), 1), 1)
    return softmax(beta * scores, allowed)


@pytest.mark.parametrize("poly", [None, [3.0, 1.0]])
@pytest.mark.parametrize("kept", [None, KEPT])
def test_maps_equal_the_formula(poly, kept):
    layer = AdaptiveMultiHeadAttention(2, coefficients=poly)
    output, weights = layer(X, mask=kept, return_attention_scores=True)
    q, k = (project(X, array(d.kernel)) for d in (layer.query_dense, layer.key_dense))
    scores = np.einsum("bthd,bshd->bhts", q, k) / 2
    allowed = None if kept is None else kept[:, None, None]
    paper = [-0.037, 0.481, -2.3, 4.917, -1.791]
    expected = sharpened(scores, allowed, poly or paper)
    np.testing.assert_allclose(array(weights), expected, atol=1e-5)
    np.testing.assert_allclose(array(layer(X, mask=kept)), array(output), atol=1e-6)


def test_hidden_keys_do_not_influence_the_rest():
    layer = AdaptiveMultiHeadAttention(2)
    short = array(layer(X[:, :7]))
    allowed = np.arange(12) < 7
    long = array(layer(X, attention_mask=np.broadcast_to(allowed, (12, 12))))
    np.testing.assert_allclose(long[:, :7], short, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "call"),
    [
        ({"entropy_threshold": 100.0}, {}),
        ({"max_beta": 1.0}, {}),
        ({"inference_only": True}, {"training": True}),
    ],
)
def test_limits_are_multi_head_attention(options, call):
    layer, plain = AdaptiveMultiHeadAttention(2, **options), MultiHeadAttention(2)
    layer.build(X.shape)
    plain.build(X.shape)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(array(layer(X, **call)), array(plain(X)), atol=1e-6)


def test_explain_compares_before_and_after():
    told = AdaptiveMultiHeadAttention(2).explain(X)
    assert (told["beta"] >= 1).all()
    assert (told["entropy"] <= told["entropy_before"] + 1e-5).all()
    assert told["entropy"].mean() < told["entropy_before"].mean() - 0.05


@pytest.mark.parametrize(
    "argument", [{"coefficients": "x"}, {"entropy_threshold": -1.0}, {"max_beta": 0.9}]
)
def test_illegal_values_are_named(argument):
    with pytest.raises(ValueError, match=f"`{next(iter(argument))}` must be"):
        AdaptiveMultiHeadAttention(2, **argument)
