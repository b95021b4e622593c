"""Normalisation layers."""

from dl_techniques import layers
from tests.contract.case import Case

CASES = [
    Case(layers.RMSNorm, (3, 5)),
    Case(layers.RMSNorm, (3, 4, 6), {"use_scale": False}, "plain"),
    Case(layers.RMSNorm, (3, 5, 4, 2), {"axis": [1, -1]}, "axes"),
    Case(layers.BandRMS, (3, 4, 6)),
    Case(
        layers.BandRMS,
        (3, 4, 4, 3),
        {"axis": 1, "band_shape": "scalar", "band_regularizer": None},
        "scalar",
    ),
    Case(layers.GlobalResponseNorm, (3, 4, 4, 5)),
    Case(layers.GlobalResponseNorm, (3, 4, 5), label="sequence"),
    Case(layers.GlobalResponseNorm, (3, 5), label="vector"),
]
