"""Quantised and spline layers."""

from dl_techniques import layers
from tests.contract.case import Case

CASES = [
    Case(layers.BitLinear, (3, 6), {"units": 4, "use_bias": True}),
    Case(layers.KANLinear, (3, 4), {"units": 3, "use_bias": True}),
    Case(layers.KANLinear, (3, 5, 4), {"units": 3}, "sequence"),
    Case(layers.KAN, (3, 4), {"units_list": [3, 2]}),
    Case(layers.KANConv2D, (3, 5, 5, 2), {"filters": 3}),
    Case(
        layers.MDNLayer,
        (3, 4),
        {"output_dimension": 2, "num_mixtures": 3},
        excused={
            "half_precision_keeps_float32_weights_and_stays_close": (
                "likelihoods need float32 parameters"
            )
        },
    ),
]
