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
    Case(layers.ZeroCenteredRMSNorm, (3, 4, 6)),
    Case(layers.ZeroCenteredRMSNorm, (3, 4, 4, 3), {"axis": 1}, "axis"),
    Case(layers.AdaptiveBandRMS, (3, 4, 6)),
    Case(layers.AdaptiveBandRMS, (3, 4, 4, 3), {"axis": (1, 3)}, "axes"),
    Case(layers.BandLogitNorm, (3, 6), {"max_band_width": 0.5}),
    Case(
        layers.BandLogitNorm,
        (3, 4, 6),
        {"magnitude": "batch", "max_band_width": 0.5, "momentum": 0.9},
        "batch",
    ),
    Case(layers.LogitNorm, (3, 5), {"temperature": 0.5}),
    Case(layers.MaxLogitNorm, (3, 4, 5)),
    Case(layers.DecoupledMaxLogit, (3, 5), {"units": 4}),
    Case(
        layers.DecoupledMaxLogit,
        (3, 4, 5),
        {"units": 3, "use_bias": True, "return_components": True},
        "components",
    ),
    Case(layers.DynamicTanh, (3, 4, 5)),
    Case(layers.DynamicTanh, (3, 3, 4, 2), {"axis": [-3, -1]}, "axes"),
    Case(layers.CoupledLogitNorm, (3, 5), {"constant": 0.1}),
    Case(layers.CoupledMultiLabelHead, (3, 5), {"units": 4}),
    Case(layers.CoupledMultiLabelHead, (3, 4, 5), label="plain"),
]
