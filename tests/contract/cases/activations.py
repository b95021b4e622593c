"""Activation layers."""

from dl_techniques import layers
from tests.contract.case import Case

CASES = [
    Case(layers.Mish, (3, 5)),
    Case(layers.SaturatedMish, (3, 4, 5), {"alpha": 2.0, "beta": 0.3}),
    Case(layers.ReLUK, (3, 4, 5), {"k": 2}),
    Case(layers.AdaptiveTemperatureSoftmax, (3, 4, 5)),
    Case(
        layers.AdaptiveTemperatureSoftmax,
        (3, 4, 5),
        {"axis": 1, "coefficients": [2.0, 1.0], "max_beta": 3.0},
        "time",
    ),
    Case(layers.BasisFunction, (3, 5)),
    Case(layers.ExpandedGELU, (3, 4, 5)),
    Case(layers.ExpandedSiLU, (3, 5)),
    Case(layers.ExpandedArcTan, (3, 4, 4, 2)),
]
