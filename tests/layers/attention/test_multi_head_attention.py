import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import MultiHeadAttention
from tests.layers.attention.softmaxes import causal, project, softmax
from tests.layers.attention.turns import rms, turned

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 8)).astype("float32")
Y = RNG.normal(size=(2, 6, 3)).astype("float32")
KEPT = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], bool)


def array(tensor):
    return ops.convert_to_numpy(tensor)


def weights_of(layer):
    return {w.path.split("/", 1)[1]: array(w) for w in layer.weights}


def reference(layer, query, value, key, allowed=None, turn=lambda x: x):
    w = weights_of(layer)
    q, k, v = (
        project(x, w[f"{name}/kernel"], w[f"{name}/bias"])
        for x, name in ((query, "query"), (key, "key"), (value, "value"))
    )
    if "query_norm/scale" in w:
        q, k = rms(q, w["query_norm/scale"]), rms(k, w["key_norm/scale"])
    scores = np.einsum("bthd,bshd->bhts", turn(q), turn(k)) / np.sqrt(q.shape[-1])
    mixed = np.einsum("bhts,bshd->bthd", softmax(scores, allowed), v)
    if "gate/kernel" in w:
        gate = project(query, w["gate/kernel"], w["gate/bias"])
        mixed = mixed / (1 + np.exp(-gate))
    out = np.einsum("bthk,hkd->btd", mixed, w["attention_output/kernel"])
    return out + w["attention_output/bias"]


def near(queries, keys, window):
    return np.abs(np.arange(queries)[:, None] - np.arange(keys)) < window


@pytest.mark.parametrize(
    ("options", "allowed", "turn"),
    [
        ({}, None, lambda x: x),
        ({"qk_norm": True, "key_dim": 3}, None, lambda x: x),
        ({"use_rope": True}, None, turned),
        (
            {"use_rope": True, "rope_layout": "half", "rope_theta": 50.0},
            None,
            lambda x: turned(x, 50.0, "half"),
        ),
        ({"use_gate": True, "value_dim": 3}, None, lambda x: x),
        ({"sliding_window": 2}, near(5, 6, 2), lambda x: x),
    ],
)
def test_output_equals_the_formula(options, allowed, turn):
    layer = MultiHeadAttention(2, bias_initializer="random_normal", **options)
    output = array(layer(X, Y))
    expected = reference(layer, X, Y, Y, allowed, turn)
    np.testing.assert_allclose(output, expected, atol=1e-5)
    again, weights = layer(X, Y, return_attention_scores=True)
    np.testing.assert_allclose(array(again), output, atol=1e-5)
    np.testing.assert_allclose(array(weights).sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"use_causal_mask": True},
        {"value_mask": KEPT},
        {"attention_mask": causal(5, 5)},
        {"attention_mask": causal(5, 5), "value_mask": KEPT},
    ],
)
def test_equals_the_layer_of_keras(call):
    ours, theirs = MultiHeadAttention(2), keras.layers.MultiHeadAttention(2, 4)
    ours.build(X.shape)
    theirs.build(X.shape, X.shape)
    theirs.set_weights([RNG.normal(size=w.shape) for w in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    call = {k: ops.convert_to_tensor(v) for k, v in call.items()}
    expected = array(theirs(X, X, **call))
    np.testing.assert_allclose(array(ours(X, X, **call)), expected, atol=1e-5)
    np.testing.assert_allclose(array(ours(X, **call)), expected, atol=1e-5)


def test_weights_saved_by_keras_load(tmp_path):
    x = keras.Input((5, 8))
    theirs = keras.Model(x, keras.layers.MultiHeadAttention(2, 4, name="a")(x, x))
    ours = keras.Model(x, MultiHeadAttention(2, name="a")(x))
    theirs.save_weights(tmp_path / "a.weights.h5")
    ours.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_allclose(array(ours(X)), array(theirs(X)), atol=1e-5)


def test_a_row_that_permits_no_key_gives_the_bias_and_finite_gradients():
    layer = MultiHeadAttention(2, bias_initializer="random_normal")
    nothing = np.ones((5, 5), bool)
    nothing[2] = False
    output = array(layer(X, attention_mask=nothing))
    bias = array(layer.output_dense.bias)
    np.testing.assert_allclose(output[:, 2], [bias, bias], atol=1e-6)
    model = keras.Sequential([keras.Input((5, 8)), layer])
    empty = keras.Sequential([keras.Input((5, 8)), keras.layers.Masking(), layer])
    model.compile("sgd", "mse")
    empty.compile("sgd", "mse")
    assert np.isfinite(empty.train_on_batch(np.zeros_like(X), X))
    assert all(np.isfinite(w).all() for w in layer.get_weights())


def test_the_config_keeps_what_was_left_out():
    layer = MultiHeadAttention(2)
    layer.build(X.shape)
    config = layer.get_config()
    assert config["key_dim"] is config["value_dim"] is config["attention_axes"] is None
    assert (layer.key_dim, layer.value_dim) == (4, 4)


def test_seeded_kernels_differ():
    layer = MultiHeadAttention(
        2, kernel_initializer=keras.initializers.GlorotUniform(seed=1)
    )
    layer.build(X.shape)
    kernels = [array(getattr(layer, f"{n}_dense").kernel) for n in ("query", "key")]
    assert not np.allclose(*kernels)


def test_turned_scores_depend_on_the_distance_alone():
    layer = MultiHeadAttention(1, 4, use_rope=True)
    constant = np.repeat(X[:, :1], 5, 1)
    _, weights = layer(constant, return_attention_scores=True)
    logs = np.log(array(weights))
    logs -= logs[..., np.arange(5), np.arange(5)][..., None]
    for gap in range(1, 4):
        band = np.diagonal(logs, gap, -2, -1)
        np.testing.assert_allclose(
            band, np.broadcast_to(band[..., :1], band.shape), atol=1e-5
        )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"num_heads": 0}, "`num_heads` must be"),
        ({"num_heads": 2, "key_dim": 0}, "`key_dim` must be"),
        ({"num_heads": 2, "value_dim": 1.5}, "`value_dim` must be"),
        ({"num_heads": 2, "dropout": 1}, "`dropout` must be"),
        ({"num_heads": 2, "rope_theta": 1.0}, "`rope_theta` must be"),
        ({"num_heads": 2, "rope_layout": "third"}, "`rope_layout` must be"),
        ({"num_heads": 2, "sliding_window": 0}, "`sliding_window` must be"),
        ({"num_heads": 2, "attention_axes": 2}, "`attention_axes` must be"),
    ],
)
def test_illegal_arguments_are_named(arguments, line):
    with pytest.raises(ValueError, match=line):
        MultiHeadAttention(**arguments)


def test_widths_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="`num_heads` must be a divisor of the 8"):
        MultiHeadAttention(3).build(X.shape)
    with pytest.raises(ValueError, match="`head width` must be even"):
        MultiHeadAttention(2, 3, use_rope=True).build(X.shape)
