"""Normalisation layers."""

from dl_techniques.layers.norms.adaptive_band_rms import AdaptiveBandRMS
from dl_techniques.layers.norms.band_logit_norm import BandLogitNorm
from dl_techniques.layers.norms.band_rms import BandRMS
from dl_techniques.layers.norms.coupled_logit_norm import CoupledLogitNorm
from dl_techniques.layers.norms.coupled_multi_label_head import CoupledMultiLabelHead
from dl_techniques.layers.norms.decoupled_max_logit import DecoupledMaxLogit
from dl_techniques.layers.norms.dynamic_tanh import DynamicTanh
from dl_techniques.layers.norms.global_response_norm import (
    GlobalResponseNorm,
    GlobalResponseNormalization,
)
from dl_techniques.layers.norms.logit_norm import LogitNorm
from dl_techniques.layers.norms.max_logit_norm import MaxLogitNorm
from dl_techniques.layers.norms.rms_norm import RMSNorm
from dl_techniques.layers.norms.zero_centered_rms_norm import ZeroCenteredRMSNorm

__all__ = [
    "AdaptiveBandRMS",
    "BandLogitNorm",
    "BandRMS",
    "CoupledLogitNorm",
    "CoupledMultiLabelHead",
    "DecoupledMaxLogit",
    "DynamicTanh",
    "GlobalResponseNorm",
    "GlobalResponseNormalization",
    "LogitNorm",
    "MaxLogitNorm",
    "RMSNorm",
    "ZeroCenteredRMSNorm",
]
