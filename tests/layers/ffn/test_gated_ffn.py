"""MLP, GLUFFN and SwiGLUFFN against float64 references."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import GLUFFN, MLP, SwiGLUFFN
from tests.layers.ffn.weights import built, gelu, relu, run, sigmoid

RNG = np.random.default_rng(0)
GATES = {
    "glu": sigmoid,
    "bilinear": lambda x: x,
    "reglu": relu,
    "geglu": gelu,
    "swiglu": lambda x: x * sigmoid(x),
}


def test_mlp_is_two_dense_layers():
    x = RNG.normal(size=(2, 3, 5))
    layer, w = built(MLP(7, 4), x.shape)
    assert set(w) == {"fc1/kernel", "fc1/bias", "fc2/kernel", "fc2/bias"}
    hidden = gelu(x @ w["fc1/kernel"] + w["fc1/bias"])
    expected = hidden @ w["fc2/kernel"] + w["fc2/bias"]
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-4)
    assert layer.count_params() == 5 * 7 + 7 + 7 * 4 + 4


def test_linear_mlp_is_affine_and_positions_are_independent():
    layer, _ = built(MLP(6, activation="linear"), (1, 2, 4))
    x, y = RNG.normal(size=(2, 1, 2, 4))
    middle = run(layer, (x + y) / 2)
    np.testing.assert_allclose(middle, (run(layer, x) + run(layer, y)) / 2, atol=1e-4)
    layer, _ = built(MLP(6), (1, 3, 4))
    x = RNG.normal(size=(1, 3, 4))
    order = [2, 0, 1]
    np.testing.assert_allclose(run(layer, x[:, order]), run(layer, x)[:, order])


@pytest.mark.parametrize("variant", GATES)
def test_every_variant_gates_with_its_function(variant):
    x = RNG.normal(size=(2, 3, 5))
    layer, w = built(GLUFFN(4, 3, variant=variant), x.shape)
    gate = GATES[variant](x @ w["gate_proj/kernel"] + w["gate_proj/bias"])
    up = x @ w["up_proj/kernel"] + w["up_proj/bias"]
    expected = (gate * up) @ w["down_proj/kernel"] + w["down_proj/bias"]
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-4)


def test_glu_is_the_packed_form_with_the_gate_second():
    x = RNG.normal(size=(4, 5)).astype("float32")
    layer, w = built(GLUFFN(6, variant="glu", use_bias=False), x.shape)
    packed = ops.glu(
        np.concatenate([x @ w["up_proj/kernel"], x @ w["gate_proj/kernel"]], -1)
    )
    expected = ops.convert_to_numpy(packed) @ w["down_proj/kernel"]
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-4)


def test_bilinear_without_bias_is_of_degree_two():
    x = RNG.normal(size=(4, 5))
    layer, w = built(GLUFFN(6, variant="bilinear", use_bias=False), x.shape)
    np.testing.assert_allclose(run(layer, 3 * x), 9 * run(layer, x), rtol=1e-4)
    assert sum(v.size for v in w.values()) == 3 * 5 * 6


@pytest.mark.parametrize("variant", GATES)
def test_closed_gate_leaves_the_offset(variant):
    x = RNG.normal(size=(3, 4))
    layer, w = built(GLUFFN(5, variant=variant), x.shape)
    layer.gate_proj.set_weights([np.zeros((4, 5)), np.zeros(5)])
    open_share = 0.5 if variant == "glu" else 0.0
    up = open_share * (x @ w["up_proj/kernel"] + w["up_proj/bias"])
    expected = up @ w["down_proj/kernel"] + w["down_proj/bias"]
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-4)


def test_activation_overrides_the_variant_and_survives_the_config():
    layer, w = built(GLUFFN(5, activation="tanh"), (1, 4))
    x = RNG.normal(size=(2, 4))
    gate = np.tanh(x @ w["gate_proj/kernel"] + w["gate_proj/bias"])
    np.testing.assert_allclose(layer.explain(x)["gate"], gate, atol=1e-5)
    assert GLUFFN.from_config(layer.get_config()).activation is keras.activations.tanh


def test_dropout_acts_on_the_product_or_on_the_output():
    x = np.ones((200, 4), "float32")
    glu, swiglu = GLUFFN(6, dropout=0.5, seed=1), SwiGLUFFN(6, dropout=0.5, seed=1)
    assert (run(glu, x, training=True) == 0).mean() < 0.05
    dropped = run(swiglu, x, training=True)
    kept = run(swiglu, x, training=False)
    assert 0.4 < (dropped == 0).mean() < 0.6
    alive = dropped != 0
    np.testing.assert_allclose(dropped[alive], 2 * kept[alive], rtol=1e-5)


@pytest.mark.parametrize(("multiple", "width"), [(8, 1368), (256, 1536)])
def test_swiglu_width_follows_the_llama_rule(multiple, width):
    assert SwiGLUFFN(multiple_of=multiple).hidden_width(512) == width


def test_swiglu_is_glu_of_the_same_width():
    x = RNG.normal(size=(2, 3, 6))
    ours, w = built(SwiGLUFFN(), x.shape)
    assert set(w) == {"gate_proj/kernel", "up_proj/kernel", "down_proj/kernel"}
    assert w["gate_proj/kernel"].shape == (6, 16)
    other = GLUFFN(16, use_bias=False)
    other.build(x.shape)
    other.set_weights(ours.get_weights())
    np.testing.assert_allclose(run(ours, x), run(other, x), atol=1e-6)


def test_branches_of_a_seeded_initializer_differ():
    start = keras.initializers.GlorotUniform(seed=3)
    layer = GLUFFN(4, kernel_initializer=start)
    layer.build((None, 4))
    gate, up = (
        ops.convert_to_numpy(d.kernel) for d in (layer.gate_proj, layer.up_proj)
    )
    assert not np.array_equal(gate, up)
    again = GLUFFN(4, kernel_initializer=start)
    again.build((None, 4))
    np.testing.assert_array_equal(ops.convert_to_numpy(again.up_proj.kernel), up)


def test_regularizers_and_constraints_reach_every_kernel_and_bias():
    layer = GLUFFN(
        4,
        kernel_regularizer="l2",
        bias_regularizer="l1",
        kernel_constraint="unit_norm",
        bias_constraint="non_neg",
    )
    layer.build((None, 3))
    assert len(layer.losses) == 6
    for dense in (layer.gate_proj, layer.up_proj, layer.down_proj):
        assert isinstance(dense.kernel.constraint, keras.constraints.UnitNorm)
        assert isinstance(dense.bias.constraint, keras.constraints.NonNeg)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: MLP(0), "hidden_dim"),
        (lambda: MLP(4, output_dim=1.5), "output_dim"),
        (lambda: MLP(4, dropout=1.0), "dropout"),
        (lambda: GLUFFN(4, variant="gated"), "variant"),
        (lambda: SwiGLUFFN(expansion_factor=0), "expansion_factor"),
        (lambda: SwiGLUFFN(multiple_of=0), "multiple_of"),
    ],
)
def test_bad_argument_is_named(make, named):
    with pytest.raises(ValueError, match=f"`{named}` must be .* Received: {named}="):
        make()


def test_unknown_features_are_named():
    with pytest.raises(ValueError, match=r"`input_shape` must be .*known features"):
        MLP(4).build((None, None))
