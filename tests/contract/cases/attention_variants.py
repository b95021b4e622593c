"""Non-local, Hopfield and sparse attention."""

from dl_techniques import layers
from tests.contract.case import Case

HEADS = {"num_heads": 2, "key_dim": 3}
# The block ends in a scale of 0, so that the first step moves nothing before it.
ZERO = frozenset({"kernel", "bias"})
CASES = [
    Case(layers.NonLocalAttention, (3, 4, 4, 6), {"dropout": 0.5}, still=ZERO),
    Case(
        layers.NonLocalAttention,
        (3, 5, 4),
        {"mode": "gaussian", "normalization": "layer", "subsample": 2},
        "gaussian",
        call={"return_attention_scores": True},
        still=ZERO,
    ),
    Case(
        layers.NonLocalAttention,
        (3, 2, 4, 5, 3),
        {"mode": "dot_product", "subsample": 2, "normalization": None},
        "video",
        still=ZERO,
    ),
    Case(
        layers.NonLocalAttention,
        (3, 4, 4, 6),
        {"mode": "concatenation", "intermediate_channels": 2, "residual": False},
        "concatenation",
        still=ZERO,
    ),
    Case(layers.SparseAttention, (3, 4, 5), {**HEADS, "dropout": 0.5}),
    Case(
        layers.SparseAttention,
        (3, 4, 5),
        {**HEADS, "normalizer": "entmax", "learn_alpha": True, "value_dim": 2},
        "alpha",
        call={"return_attention_scores": True},
    ),
    Case(
        layers.SparseAttention,
        ((3, 4, 5), (3, 6, 3)),
        {
            **HEADS,
            "normalizer": "threshold",
            "threshold": 0.1,
            "learnable_threshold": True,
            "output_dim": 3,
        },
        "threshold",
    ),
    Case(
        layers.SparseAttention,
        (3, 6, 5),
        {
            **HEADS,
            "normalizer": "iterative",
            "max_iterations": 1,
            "pattern": "local_strided",
            "window": 2,
            "stride": 3,
            "causal": True,
        },
        "pattern",
    ),
    Case(
        layers.SparseAttention,
        (3, 4, 5),
        {**HEADS, "normalizer": "top_k", "top_k": 2},
        "top_k",
    ),
    Case(
        layers.SparseAttention,
        (3, 4, 5),
        {**HEADS, "normalizer": "sparsemax"},
        "sparsemax",
    ),
    Case(
        layers.HopfieldAttention,
        (3, 4, 5),
        {**HEADS, "update_steps_max": 2, "trainable_beta": True, "dropout": 0.5},
    ),
    Case(
        layers.HopfieldAttention,
        ((3, 4, 5), (3, 6, 3), (3, 6, 4)),
        {
            **HEADS,
            "value_dim": 2,
            "output_dim": 4,
            "beta": 2.0,
            "normalize_patterns": False,
            "normalize_hopfield_space": True,
            "update_steps_max": 1,
        },
        "three",
        call={"return_attention_scores": True},
    ),
]
