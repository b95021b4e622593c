import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import (
    DifferentialMultiHeadAttention,
    DifferentialTransformerBlock,
)
from tests.layers.attention.turns import rms

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 4, 8)).astype("float32")


def array(tensor):
    return ops.convert_to_numpy(tensor)


def built(*args, **options):
    block = DifferentialTransformerBlock(*args, **options)
    block.build(X.shape)
    return block


@pytest.mark.parametrize(
    "options",
    [{}, {"use_rope": False, "causal": True, "mlp_dim": 5, "num_kv_heads": 1}],
)
def test_output_equals_the_formula(options):
    block = built(2, 3, **options)
    for norm in (block.norm1, block.norm2):
        norm.scale.assign(RNG.uniform(0.5, 2, 8))
    width = options.pop("mlp_dim", None)
    causal = options.pop("causal", False)
    attention = DifferentialMultiHeadAttention(
        2, layer_index=3, **{"use_rope": True, **options}
    )
    attention.build(X.shape)
    attention.set_weights(block.attention.get_weights())
    seen = rms(X, array(block.norm1.scale), 1e-5).astype("float32")
    x = X + array(attention(seen, use_causal_mask=causal)).astype("float64")
    seen = rms(x, array(block.norm2.scale), 1e-5)
    gate, up, down = (
        array(getattr(block.ffn, f"{n}_proj").kernel) for n in ("gate", "up", "down")
    )
    gated = seen @ gate / (1 + np.exp(-seen @ gate)) * (seen @ up)
    np.testing.assert_allclose(array(block(X)), x + gated @ down, atol=2e-5)
    assert gate.shape == (8, width or 24)


def test_weights_have_the_public_names():
    names = {w.path.split("/", 1)[1] for w in built(2).weights}
    projections = ("query", "key", "value", "attention_output")
    assert names == {
        *("norm1/scale", "norm2/scale", "attention/head_norm/scale"),
        *(f"attention/{n}/kernel" for n in projections),
        *(f"attention/lambda_{n}" for n in ("q1", "k1", "q2", "k2")),
        *(f"ffn/{n}_proj/kernel" for n in ("gate", "up", "down")),
    }


def test_deeper_blocks_subtract_more_at_the_start():
    starts = [built(2, i).attention.lambda_start for i in range(4)]
    np.testing.assert_allclose(starts, 0.8 - 0.6 * np.exp(-0.3 * np.arange(4)))
    block = built(2, 2)
    told = block.explain(X)
    assert told["lambda"] == pytest.approx(block.lambda_value())
    assert told["branch_ratio"].shape == (2, 2, 4)


def test_the_config_holds_its_own_arguments_alone():
    block = built(2, 1, lambda_init=0.4, seed=3)
    config = block.get_config()
    assert config["lambda_init"] == 0.4
    assert "attention" not in config
    again = DifferentialTransformerBlock.from_config(config)
    assert again.get_config() == config


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"layer_index": -1}, "`layer_index` must be"),
        ({"lambda_init": 1.0}, "`lambda_init` must be"),
        ({"num_kv_heads": 3}, "`num_kv_heads` must be a divisor"),
        ({"dropout": 1.0}, "`dropout` must be"),
    ],
)
def test_illegal_arguments_are_named(arguments, line):
    with pytest.raises(ValueError, match=line):
        DifferentialTransformerBlock(2, **arguments)
