from itertools import pairwise

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import DifferentialMultiHeadAttention
from tests.layers.attention.softmaxes import causal, project, softmax
from tests.layers.attention.turns import rms, turned

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 8)).astype("float32")
KEPT = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], bool)


def array(tensor):
    return ops.convert_to_numpy(tensor)


def built(*args, **options):
    layer = DifferentialMultiHeadAttention(*args, **options)
    layer.build(X.shape)
    return layer


def weights_of(layer):
    return {w.path.split("/", 1)[1]: array(w) for w in layer.weights}


def reference(layer, x, heads, start, allowed=None, turn=lambda x: x):
    """Computes output and M head by head, as the paper writes it."""
    w = weights_of(layer)
    q, k, v = (project(x, w[f"{n}/kernel"]) for n in ("query", "key", "value"))
    q, k = turn(q), turn(k)
    groups = v.shape[2]
    lam = np.exp(np.sum(w["lambda_q1"] * w["lambda_k1"], dtype="float64"))
    lam += start - np.exp(np.sum(w["lambda_q2"] * w["lambda_k2"], dtype="float64"))
    out, maps = 0, []
    for head in range(heads):
        parts = []
        for slot in (2 * head, 2 * head + 1):
            source = k[:, :, slot * groups // heads]
            scores = np.einsum("btd,bsd->bts", q[:, :, slot], source)
            parts.append(softmax(scores / np.sqrt(q.shape[-1]), allowed))
        difference = parts[0] - lam * parts[1]
        mixed = difference @ v[:, :, head * groups // heads]
        if "head_norm/scale" in w:
            mixed = rms(mixed, w["head_norm/scale"], 1e-5) * (1 - start)
        out = out + mixed @ w["attention_output/kernel"][head]
        maps.append(difference)
    return out, np.stack(maps, 1), lam


@pytest.mark.parametrize(
    ("heads", "options", "start", "turn"),
    [
        (2, {}, 0.2, lambda x: x),
        (2, {"layer_index": 3, "head_norm": False}, 0.8 - 0.6 * np.exp(-0.9), None),
        (2, {"use_rope": True, "lambda_init": 0.5}, 0.5, turned),
        (4, {"num_kv_heads": 2, "head_dim": 3}, 0.2, None),
        (3, {"num_kv_heads": 1, "head_dim": 2}, 0.2, None),
    ],
)
@pytest.mark.parametrize("masked", [False, True])
def test_output_and_maps_equal_the_formula(heads, options, start, turn, masked):
    layer = built(heads, **options)
    call = {"use_causal_mask": True} if masked else {}
    output, weights = layer(X, return_attention_scores=True, **call)
    allowed = causal(5, 5) if masked else None
    turn = turn or (lambda x: x)
    expected, maps, lam = reference(layer, X, heads, start, allowed, turn)
    np.testing.assert_allclose(array(weights), maps, atol=1e-5)
    np.testing.assert_allclose(array(output), expected, atol=2e-5)
    np.testing.assert_allclose(layer.lambda_value(), lam, rtol=1e-5)
    np.testing.assert_allclose(array(weights).sum(-1), 1 - lam, atol=1e-5)


def test_lambda_rises_with_the_depth():
    starts = [built(2, layer_index=i).lambda_start for i in range(6)]
    np.testing.assert_allclose(starts[0], 0.2)
    assert all(a < b < 0.8 for a, b in pairwise(starts))


def test_weights_have_the_shapes_of_the_paper():
    shapes = {k: v.shape for k, v in weights_of(built(2)).items()}
    assert shapes == {
        "query/kernel": (8, 4, 2),
        "key/kernel": (8, 4, 2),
        "value/kernel": (8, 2, 4),
        "attention_output/kernel": (2, 4, 8),
        **{f"lambda_{n}": (2,) for n in ("q1", "k1", "q2", "k2")},
        "head_norm/scale": (4,),
    }
    assert built(2).count_params() == 4 * 8 * 8 + 4 * 2 + 2 * 2


def test_without_the_second_map_it_is_multi_head_attention():
    layer = built(2, lambda_init=0.0, head_norm=False)
    for name in ("q1", "k1", "q2", "k2"):
        getattr(layer, f"lambda_{name}").assign([0.0, 0.0])
    w = weights_of(layer)
    query, key = (w[f"{n}/kernel"][:, ::2] for n in ("query", "key"))
    plain = keras.layers.MultiHeadAttention(2, 2, 4, use_bias=False)
    plain.build(X.shape, X.shape)
    rest = [w[f"{n}/kernel"] for n in ("value", "attention_output")]
    plain.set_weights([query, key, *rest])
    np.testing.assert_allclose(array(layer(X)), array(plain(X, X)), atol=1e-5)


def test_equal_maps_cancel_at_lambda_1():
    layer = built(2, use_bias=True, bias_initializer="random_normal", lambda_init=0.5)
    w = weights_of(layer)
    for dense in (layer.query_dense, layer.key_dense):
        kernel, bias = array(dense.kernel).copy(), array(dense.bias).copy()
        kernel[:, 1::2], bias[1::2] = kernel[:, ::2], bias[::2]
        dense.kernel.assign(kernel)
        dense.bias.assign(bias)
    for name, value in (("q1", np.log(1.5)), ("k1", 1.0), ("q2", 0.0)):
        getattr(layer, f"lambda_{name}").assign([value, 0.0])
    np.testing.assert_allclose(layer.lambda_value(), 1.0, atol=1e-6)
    bias = np.broadcast_to(w["attention_output/bias"], X.shape)
    np.testing.assert_allclose(array(layer(X)), bias, atol=2e-3)


def test_the_size_of_the_values_does_not_matter():
    layer = built(2)
    before = array(layer(X))
    layer.value_dense.kernel.assign(layer.value_dense.kernel * 10.0)
    np.testing.assert_allclose(array(layer(X)), before, atol=1e-2)


def test_lambda_is_learned_and_never_penalised():
    layer = built(2, kernel_regularizer="l2")
    assert len(layer.losses) == 4
    before = [array(v).copy() for v in (layer.lambda_q1, layer.lambda_k2)]
    model = keras.Sequential([keras.Input((5, 8)), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.train_on_batch(X, X[::-1])
    for old, new in zip(before, (layer.lambda_q1, layer.lambda_k2), strict=True):
        assert not np.array_equal(old, array(new))


def test_a_row_that_permits_no_key_gives_the_bias():
    layer = built(2, use_bias=True, bias_initializer="random_normal")
    output = array(layer(X, attention_mask=np.zeros((5, 5), bool)))
    bias = array(layer.output_dense.bias)
    np.testing.assert_allclose(output, np.broadcast_to(bias, X.shape), atol=1e-6)


def test_a_mask_for_each_head_holds_for_both_maps():
    layer = built(2)
    allowed = np.stack([causal(5, 5), np.ones((5, 5), bool)])[None].repeat(2, 0)
    first, second, difference = layer.attention_maps(X, attention_mask=allowed)
    assert not np.triu(first[:, 0], 1).any()
    assert not np.triu(second[:, 0], 1).any()
    assert first[:, 1].all()
    lam = layer.lambda_value()
    np.testing.assert_allclose(difference, first - lam * second, atol=1e-6)


def test_explain_tells_both_maps_and_lambda():
    layer = built(2)
    told = layer.explain(X, mask=KEPT)
    lam = told["lambda"]
    both = told["first_map"] - lam * told["second_map"]
    np.testing.assert_allclose(told["attention"], both, atol=1e-6)
    assert not told["attention"][0, :, :, 4].any()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"num_heads": 0}, "`num_heads` must be"),
        ({"num_heads": 4, "num_kv_heads": 3}, "`num_kv_heads` must be a divisor"),
        ({"num_heads": 2, "lambda_init": 1.0}, "`lambda_init` must be"),
        ({"num_heads": 2, "layer_index": -1}, "`layer_index` must be"),
        ({"num_heads": 2, "head_dim": 3, "use_rope": True}, "`head_dim` must be even"),
        ({"num_heads": 2, "epsilon": 0.0}, "`epsilon` must be"),
    ],
)
def test_illegal_arguments_are_named(arguments, line):
    with pytest.raises(ValueError, match=line):
        DifferentialMultiHeadAttention(**arguments)


def test_heads_that_do_not_divide_the_features_are_named():
    with pytest.raises(ValueError, match="`num_heads` must be a divisor of half"):
        built(3)
