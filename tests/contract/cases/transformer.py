"""Transformer blocks."""

import keras

from dl_techniques import layers
from tests.contract.case import Case

plain = keras.saving.serialize_keras_object
# Adding one number to all scores of a row changes no weight.
STILL = frozenset({"bias"})
CASES = [
    Case(
        layers.TransformerEncoderBlock,
        (3, 4, 6),
        {"num_heads": 2, "mlp_dim": 5, "dropout": 0.5, "drop_path": 0.5},
        still=STILL,
    ),
    Case(
        layers.TransformerEncoderBlock,
        (3, 4, 8),
        {
            "num_heads": 2,
            "attention": "gqa",
            "attention_args": {"qk_norm": True},
            "ffn": "geglu",
            "norm": "rms",
            "norm_position": "post",
            "layer_scale_init": 0.1,
            "causal": True,
        },
        "post",
    ),
    Case(
        layers.TransformerEncoderBlock,
        (3, 4, 6),
        {
            "num_heads": 1,
            "attention": plain(keras.layers.MultiHeadAttention(2, 3, name="mixer")),
            "ffn": plain(layers.MLP(5, 6, name="feeder")),
            "norm": plain(layers.RMSNorm(name="norm")),
        },
        "layers",
        still=STILL,
    ),
    Case(
        layers.DifferentialTransformerBlock,
        (3, 4, 8),
        {"num_heads": 2, "layer_index": 1, "dropout": 0.5},
    ),
]
