"""Positions and patches."""

from dl_techniques.layers.embedding.class_token import ClassToken
from dl_techniques.layers.embedding.patch_embedding1d import PatchEmbedding1D
from dl_techniques.layers.embedding.patch_embedding2d import (
    PatchEmbed,
    PatchEmbedding2D,
)
from dl_techniques.layers.embedding.positional_embedding import PositionalEmbedding
from dl_techniques.layers.embedding.rotary_position_embedding import (
    RotaryPositionEmbedding,
)

__all__ = [
    "ClassToken",
    "PatchEmbed",
    "PatchEmbedding1D",
    "PatchEmbedding2D",
    "PositionalEmbedding",
    "RotaryPositionEmbedding",
]
