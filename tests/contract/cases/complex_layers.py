"""Complex-valued layers."""

from dl_techniques import layers
from tests.contract.case import Case

CASES = [
    Case(layers.ComplexConv2D, (3, 5, 5, 4), {"filters": 3}),
    Case(
        layers.ComplexConv2D,
        (3, 6, 6, 3),
        {"filters": 2, "real_input": True, "strides": 2, "padding": "valid"},
        "real",
    ),
    Case(layers.ComplexDense, (3, 6), {"units": 4}),
    Case(layers.ComplexReLU, (3, 5, 4)),
    Case(layers.ModReLU, (3, 5, 4)),
    Case(layers.ComplexAveragePooling2D, (3, 4, 4, 2)),
    Case(layers.ComplexToReal, (3, 6), {"mode": "magnitude"}),
    Case(layers.ComplexToReal, (3, 5, 6)),
]
