"""Attention over the positions of a sequence."""

from dl_techniques import layers
from tests.contract.case import Case

SCORES = {"return_attention_scores": True}
# Adding one number to all scores of a row changes no weight.
STILL = frozenset({"bias"})
CASES = [
    Case(layers.MultiHeadAttention, (3, 4, 6), {"num_heads": 2}, still=STILL),
    Case(
        layers.MultiHeadAttention,
        ((3, 4, 6), (3, 5, 3)),
        {"num_heads": 2, "key_dim": 4, "value_dim": 3, "dropout": 0.5},
        "cross",
        call=SCORES,
        still=STILL,
    ),
    Case(
        layers.MultiHeadAttention,
        (3, 4, 8),
        {
            "num_heads": 2,
            "use_rope": True,
            "qk_norm": True,
            "use_gate": True,
            "sliding_window": 2,
            "output_shape": 5,
        },
        "rope",
    ),
    Case(
        layers.AdaptiveMultiHeadAttention,
        (3, 5, 6),
        {"num_heads": 2, "coefficients": [2.0, 1.0], "dropout": 0.5},
        call=SCORES,
        still=STILL,
    ),
    Case(layers.DifferentialMultiHeadAttention, (3, 4, 8), {"num_heads": 2}),
    Case(
        layers.DifferentialMultiHeadAttention,
        ((3, 4, 8), (3, 5, 3)),
        {
            "num_heads": 4,
            "head_dim": 2,
            "num_kv_heads": 1,
            "layer_index": 2,
            "use_rope": True,
            "head_norm": False,
            "dropout": 0.5,
            "use_bias": True,
            "output_dim": 5,
        },
        "one",
        call=SCORES,
    ),
    Case(
        layers.GroupQueryAttention,
        (3, 4, 6),
        {"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2},
    ),
    Case(
        layers.GroupQueryAttention,
        ((3, 4, 6), (3, 5, 6), (3, 5, 4)),
        {
            "head_dim": 6,
            "num_query_heads": 2,
            "num_key_value_heads": 1,
            "rope_fraction": 0.7,
            "rope_layout": "half",
            "qk_norm": True,
            "use_bias": True,
            "use_gate": True,
            "dropout": 0.5,
        },
        "one",
        call=SCORES,
        still=STILL,
    ),
]
