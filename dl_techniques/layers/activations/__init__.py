"""Activation layers and functions."""

from dl_techniques.layers.activations.adaptive_temperature_softmax import (
    AdaptiveTemperatureSoftmax,
)
from dl_techniques.layers.activations.basis_function import BasisFunction
from dl_techniques.layers.activations.expanded import (
    ExpandedArcTan,
    ExpandedGELU,
    ExpandedSiLU,
    xATLU,
    xGELU,
    xSiLU,
)
from dl_techniques.layers.activations.mish import Mish, mish
from dl_techniques.layers.activations.relu_k import ReLUK
from dl_techniques.layers.activations.saturated_mish import (
    SaturatedMish,
    saturated_mish,
)

__all__ = [
    "AdaptiveTemperatureSoftmax",
    "BasisFunction",
    "ExpandedArcTan",
    "ExpandedGELU",
    "ExpandedSiLU",
    "Mish",
    "ReLUK",
    "SaturatedMish",
    "mish",
    "saturated_mish",
    "xATLU",
    "xGELU",
    "xSiLU",
]
