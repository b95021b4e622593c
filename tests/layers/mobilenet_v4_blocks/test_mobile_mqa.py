import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import MobileMQA
from tests.layers.mobilenet_v4_blocks.reference import conv, norm_at, stirred

X = np.random.default_rng(0).normal(size=(2, 5, 6, 8)).astype("float32")


def source(w, x, name, stride):
    if stride > 1:
        x = conv(x, w[f"{name}/down_conv/kernel"], stride, depthwise=True)
        x = norm_at(w, x, f"{name}/norm")
    x = conv(x, w[f"{name}/proj/kernel"])
    return x.reshape(len(x), -1, x.shape[-1])


def expected(x, w, heads, stride):
    normed = norm_at(w, x.astype("float64"), "norm")
    q = conv(normed, w["query/kernel"])
    q = q.reshape(len(x), -1, heads, q.shape[-1] // heads)
    k, v = (source(w, normed, n, stride) for n in ("key", "value"))
    scores = np.einsum("bqhd,bkd->bhqk", q, k) / np.sqrt(q.shape[-1])
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    weights = scores / scores.sum(-1, keepdims=True)
    mixed = np.einsum("bhqk,bkd->bqhd", weights, v).reshape(*x.shape[:3], -1)
    return x + w["layer_scale/gamma"] * conv(mixed, w["output/kernel"]), weights


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("heads", [1, 3])
def test_attention_equals_the_formula(stride, heads):
    layer = MobileMQA(heads, 4, 3, kv_stride=stride, layer_scale_init=0.1)
    w = stirred(layer, X)
    assert w["query/kernel"].shape == (1, 1, 8, 4 * heads)
    assert w["value/proj/kernel"].shape == (1, 1, 8, 3)
    want, weights = expected(X, w, heads, stride)
    got = ops.convert_to_numpy(layer(X, training=False))
    np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-3)
    told = layer.explain(X)
    assert told["weights"].shape == weights.shape
    np.testing.assert_allclose(told["weights"], weights, atol=1e-4)


def test_places_may_be_permuted():
    layer = MobileMQA(2, 4, layer_scale_init=0.5)
    stirred(layer, X)
    order = np.random.default_rng(1).permutation(30)
    mixed = X.reshape(2, 30, 8)[:, order].reshape(X.shape)
    y = ops.convert_to_numpy(layer(X)).reshape(2, 30, 8)[:, order]
    got = ops.convert_to_numpy(layer(mixed)).reshape(2, 30, 8)
    np.testing.assert_allclose(got, y, atol=1e-4)


def test_averaged_queries_keep_the_size():
    layer = MobileMQA(2, 4, query_stride=2, kv_stride=2)
    for shape in ((1, 5, 7, 8), (1, 4, 4, 8)):
        assert layer(np.ones(shape, "float32")).shape == shape
    assert "query_norm/gamma" in stirred(layer, X)
