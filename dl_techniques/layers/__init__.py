"""Every public layer, importable from one place.

A family joins with one import and its names in `__all__`.
"""

from dl_techniques.layers.norms import (
    BandRMS,
    GlobalResponseNorm,
    GlobalResponseNormalization,
    RMSNorm,
)

__all__ = [
    # norms
    "BandRMS",
    "GlobalResponseNorm",
    "GlobalResponseNormalization",
    "RMSNorm",
]
