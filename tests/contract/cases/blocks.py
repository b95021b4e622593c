"""Orthonormal blocks, stochastic depth and learned multipliers."""

from dl_techniques import layers
from tests.contract.case import Case

CASES = [
    Case(layers.OrthoBlock, (3, 4, 5), {"units": 7, "activation": "tanh"}),
    Case(
        layers.OrthoBlock,
        (3, 6),
        {
            "units": 4,
            "normalization": "center_l2",
            "scale_mode": "sigmoid",
            "kernel_regularizer": "l2",
            "scale_regularizer": None,
        },
        "sigmoid",
    ),
    Case(
        layers.OrthoConv2DBlock,
        (3, 6, 5, 2),
        {"filters": 4, "strides": [2, 1], "normalization": "center_rms"},
    ),
    Case(
        layers.OrthoConv2DBlock,
        (3, 6, 5, 2),
        {"filters": 3, "padding": "valid", "ortho_reg_factor": 0.0},
        "valid",
    ),
    Case(layers.StochasticDepth, (3, 4, 5), {"rate": 0.3}),
    Case(layers.LayerScale, (3, 4, 5), {"init_value": 0.1}),
    Case(layers.LearnableMultiplier, (3, 5)),
    Case(
        layers.LearnableMultiplier,
        (3, 4, 4, 2),
        {"multiplier_type": "global", "constraint": None},
        "global",
    ),
]
