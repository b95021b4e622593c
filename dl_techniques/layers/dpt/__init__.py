"""The dense prediction head that turns token maps of four depths into one map."""

from dl_techniques.layers.dpt.dpt_head import DPTHead
from dl_techniques.layers.dpt.feature_fusion import FeatureFusion
from dl_techniques.layers.dpt.residual_conv_unit import ResidualConvUnit

__all__ = ["DPTHead", "FeatureFusion", "ResidualConvUnit"]
