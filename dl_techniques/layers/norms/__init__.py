"""Normalisation layers."""

from dl_techniques.layers.norms.band_rms import BandRMS
from dl_techniques.layers.norms.global_response_norm import (
    GlobalResponseNorm,
    GlobalResponseNormalization,
)
from dl_techniques.layers.norms.rms_norm import RMSNorm

__all__ = ["BandRMS", "GlobalResponseNorm", "GlobalResponseNormalization", "RMSNorm"]
