"""Non-local, Hopfield and sparse attention."""

from dl_techniques import layers
from tests.contract.case import Case

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
]
