"""The blocks of MobileNetV4."""

from dl_techniques.layers.mobilenet_v4_blocks.conv_norm import ConvNorm
from dl_techniques.layers.mobilenet_v4_blocks.fused_inverted_bottleneck import (
    FusedInvertedBottleneck,
)
from dl_techniques.layers.mobilenet_v4_blocks.mobile_mqa import MobileMQA
from dl_techniques.layers.mobilenet_v4_blocks.universal_inverted_bottleneck import (
    UIB,
    UniversalInvertedBottleneck,
)

__all__ = [
    "UIB",
    "ConvNorm",
    "FusedInvertedBottleneck",
    "MobileMQA",
    "UniversalInvertedBottleneck",
]
