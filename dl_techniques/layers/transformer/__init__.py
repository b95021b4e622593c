"""Residual blocks of attention and feed-forward layers."""

from dl_techniques.layers.transformer.differential_transformer_block import (
    DifferentialTransformerBlock,
)
from dl_techniques.layers.transformer.transformer_encoder_block import (
    TransformerEncoderBlock,
    VisionTransformerLayer,
)

__all__ = [
    "DifferentialTransformerBlock",
    "TransformerEncoderBlock",
    "VisionTransformerLayer",
]
