import itertools

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import layers
from dl_techniques.layers import TransformerEncoderBlock, VisionTransformerLayer
from dl_techniques.layers.transformer.plug_ins import CHOICES
from tests.layers.attention.softmaxes import causal, project, softmax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 4, 8)).astype("float32")
KEPT = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)


def array(tensor):
    return ops.convert_to_numpy(tensor)


def built(*args, **options):
    block = TransformerEncoderBlock(*args, **options)
    block.build(X.shape)
    for weight in block.weights:
        if weight.name in ("bias", "beta", "gamma"):
            weight.assign(weight + RNG.normal(0, 0.3, weight.shape))
    return block


def weights_of(layer):
    return {w.path.split("/", 1)[1]: array(w) for w in layer.weights}


def layer_norm(x, w, name, epsilon=1e-6):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt(np.mean(x**2, -1, keepdims=True) + epsilon)
    return x * w[f"{name}/gamma"] + w[f"{name}/beta"]


def gelu(x):
    from scipy.special import erf

    return x * (1 + erf(x / np.sqrt(2))) / 2


def attention(x, w, allowed=None):
    q, k, v = (
        project(x, w[f"attention/{n}/kernel"], w[f"attention/{n}/bias"])
        for n in ("query", "key", "value")
    )
    weights = softmax(np.einsum("bthd,bshd->bhts", q, k) / q.shape[-1] ** 0.5, allowed)
    mixed = np.einsum("bhts,bshd->bthd", weights, v)
    out = np.einsum("bthk,hkd->btd", mixed, w["attention/attention_output/kernel"])
    return out + w["attention/attention_output/bias"]


def feed(x, w):
    hidden = gelu(x @ w["ffn/fc1/kernel"] + w["ffn/fc1/bias"])
    return hidden @ w["ffn/fc2/kernel"] + w["ffn/fc2/bias"]


def reference(block, x, *, post=False, allowed=None):
    w, x = weights_of(block), np.asarray(x, "float64")
    gains = [w.get(f"layer_scale{i}/gamma", 1.0) for i in (1, 2)]
    if post:
        x = layer_norm(x + gains[0] * attention(x, w, allowed), w, "norm1")
        return layer_norm(x + gains[1] * feed(x, w), w, "norm2")
    x = x + gains[0] * attention(layer_norm(x, w, "norm1"), w, allowed)
    return x + gains[1] * feed(layer_norm(x, w, "norm2"), w)


@pytest.mark.parametrize("position", ["pre", "post"])
@pytest.mark.parametrize(
    ("options", "call", "allowed"),
    [
        ({}, {}, None),
        ({"mlp_dim": 5, "layer_scale_init": 0.3}, {}, None),
        ({"causal": True, "mlp_ratio": 1.5}, {}, causal(4, 4)),
        ({}, {"mask": KEPT}, KEPT[:, None, None]),
    ],
)
def test_output_equals_the_formula(position, options, call, allowed):
    block = built(2, norm_position=position, **options)
    expected = reference(block, X, post=position == "post", allowed=allowed)
    np.testing.assert_allclose(array(block(X, **call)), expected, atol=2e-5)


def test_weights_have_the_public_names():
    names = set(weights_of(built(2, layer_scale_init=0.1)))
    parts = {n.rsplit("/", 1)[0] for n in names}
    projections = ("query", "key", "value", "attention_output")
    assert parts == {
        *("norm1", "norm2", "layer_scale1", "layer_scale2", "ffn/fc1", "ffn/fc2"),
        *(f"attention/{name}" for name in projections),
    }
    assert weights_of(built(2))["ffn/fc1/kernel"].shape == (8, 32)


def test_a_gain_of_zero_is_the_identity():
    block = TransformerEncoderBlock(2, layer_scale_init=0.0)
    np.testing.assert_array_equal(array(block(X)), X)


def test_whole_samples_are_dropped():
    block = built(2, drop_path=0.5, seed=1)
    x = np.repeat(X[:1], 64, 0)
    added = array(block(x, training=True)) - x
    dropped = np.abs(added).max((1, 2)) == 0
    assert 5 < dropped.sum() < 30
    assert len(np.unique(added.sum((1, 2)).round(3))) == 4


def test_training_drops_and_inference_does_not():
    block = built(2, dropout=0.4, attention_dropout=0.3, seed=2)
    quiet = reference(block, X)
    np.testing.assert_allclose(array(block(X)), quiet, atol=2e-5)
    assert np.abs(array(block(X, training=True)) - quiet).max() > 0.05


@pytest.mark.parametrize("attention", ["mha", "adaptive", "differential", "hopfield"])
def test_positions_have_no_order(attention):
    block, order = built(2, attention=attention), [2, 0, 3, 1]
    moved = array(block(X[:, order]))
    np.testing.assert_allclose(moved, array(block(X))[:, order], atol=1e-5)


COMBINATIONS = [
    *((a, "mlp", "layer") for a in CHOICES["attention"]),
    *(("mha", f, "rms") for f in CHOICES["ffn"][1:]),
    *(("gqa", "swiglu", n) for n in CHOICES["norm"][2:]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("attention", "ffn", "norm"), COMBINATIONS)
def test_combinations_train_and_reload(attention, ffn, norm, tmp_path):
    check_combination(attention, ffn, norm, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("attention", CHOICES["attention"])
def test_every_combination_trains_and_reloads(attention, tmp_path):
    for ffn, norm in itertools.product(CHOICES["ffn"], CHOICES["norm"]):
        check_combination(attention, ffn, norm, tmp_path)


def check_combination(attention, ffn, norm, folder):
    block = TransformerEncoderBlock(
        2, 8, attention=attention, ffn=ffn, norm=norm, causal=True
    )
    model = keras.Sequential([keras.Input((4, 8)), block])
    model.compile("sgd", "mse", run_eagerly=True)
    assert np.isfinite(model.train_on_batch(X, X[::-1]))
    model.save(folder / "block.keras")
    again = keras.saving.load_model(folder / "block.keras")
    np.testing.assert_allclose(array(again(X)), array(model(X)), atol=1e-6)


def test_layers_are_used_as_they_are(tmp_path):
    mixer = keras.layers.MultiHeadAttention(2, 3)
    feeder = keras.layers.Dense(8)
    block = TransformerEncoderBlock(
        1, attention=mixer, ffn=feeder, norm=layers.RMSNorm(name="rms")
    )
    output = array(block(X, mask=KEPT))
    w = {v.path.split("/", 1)[1]: array(v) for v in block.weights}
    assert {"rms/scale", "rms_2/scale"} <= set(w)
    x = X / np.sqrt(np.mean(X**2, -1, keepdims=True) + 1e-6)
    x = X + array(mixer(x, x, value_mask=ops.convert_to_tensor(KEPT)))
    scaled = x / np.sqrt(np.mean(x**2, -1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(output, x + array(feeder(scaled)), atol=1e-5)
    again = TransformerEncoderBlock.from_config(block.get_config())
    assert isinstance(again.chosen_attention, keras.layers.MultiHeadAttention)


def test_arguments_reach_the_chosen_classes():
    block = built(
        2,
        attention="sparse",
        attention_args={"normalizer": "top_k", "top_k": 1},
        ffn_args={"kernel_regularizer": keras.regularizers.L2(0.1)},
        norm_args={"center": False},
    )
    assert block.attention.top_k == 1
    assert len(block.losses) == 2
    assert not any("beta" in w.path for w in block.weights)
    again = TransformerEncoderBlock.from_config(block.get_config())
    again.build(X.shape)
    assert again.get_config() == block.get_config()
    assert len(again.losses) == 2


def test_explain_compares_the_branches_with_the_stream():
    block = built(2, causal=True)
    told = block.explain(X, mask=KEPT)
    np.testing.assert_allclose(told["output"], array(block(X, mask=KEPT)), atol=1e-6)
    assert not np.triu(told["attention"], 1).any()
    assert not told["attention"][..., 3][0].any()
    w = weights_of(block)
    allowed = causal(4, 4) & KEPT[:, None, None]
    branch = attention(layer_norm(X, w, "norm1"), w, allowed)
    ratio = np.linalg.norm(branch, axis=-1) / np.linalg.norm(X, axis=-1)
    np.testing.assert_allclose(told["branch_ratio"][0], ratio, rtol=1e-4)


def test_both_names_are_one_class():
    assert VisionTransformerLayer is TransformerEncoderBlock


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"num_heads": 0}, "`num_heads` must be"),
        ({"num_heads": 2, "attention": "self"}, "`attention` must be one of 'mha', "),
        ({"num_heads": 2, "ffn": "dense"}, "`ffn` must be one of 'mlp', "),
        ({"num_heads": 2, "norm": None}, "`norm` must be one of 'layer', "),
        ({"num_heads": 2, "norm_position": "mid"}, "`norm_position` must be"),
        ({"num_heads": 2, "drop_path": 1.0}, "`drop_path` must be"),
        ({"num_heads": 2, "attention_args": [1]}, "`attention_args` must be a dict"),
        (
            {"num_heads": 2, "ffn": keras.layers.Dense(8), "ffn_args": {"units": 8}},
            "`ffn_args` must be left out",
        ),
    ],
)
def test_illegal_arguments_are_named(arguments, line):
    with pytest.raises(ValueError, match=line):
        TransformerEncoderBlock(**arguments)


def test_parts_that_do_not_fit_are_named():
    for attention in ("mha", "gqa", "sparse", "differential"):
        with pytest.raises(ValueError, match="`num_heads` must be a divisor of"):
            built(3, attention=attention)
    with pytest.raises(ValueError, match="`ffn` must be a layer that keeps the 8"):
        built(2, ffn=keras.layers.Dense(7))
    with pytest.raises(ValueError, match="`input_shape` must be"):
        TransformerEncoderBlock(2).build((2, 4, 4, 8))
