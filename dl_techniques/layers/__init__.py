"""Every public layer, importable from one place.

A family joins with one import and its names in `__all__`.

One table: each name stands in it as an import and as a string.
"""

from dl_techniques.layers.activations import (
    AdaptiveTemperatureSoftmax,
    BasisFunction,
    ExpandedArcTan,
    ExpandedGELU,
    ExpandedSiLU,
    Mish,
    ReLUK,
    SaturatedMish,
    mish,
    saturated_mish,
    xATLU,
    xGELU,
    xSiLU,
)
from dl_techniques.layers.attention import (
    AdaptiveMultiHeadAttention,
    DifferentialMultiHeadAttention,
    GroupedQueryAttention,
    GroupQueryAttention,
    HopfieldAttention,
    MultiHeadAttention,
    NonLocalAttention,
    SparseAttention,
    entmax,
    entmax15,
    hopfield_energy,
    hopfield_retrieve,
    sparsemax,
)
from dl_techniques.layers.bitlinear_layer import BitLinear
from dl_techniques.layers.capsules import (
    CapsuleBlock,
    CapsuleLength,
    PrimaryCapsule,
    RoutingCapsule,
    Squash,
    squash,
)
from dl_techniques.layers.complex_layers import (
    ComplexAveragePooling2D,
    ComplexConv2D,
    ComplexDense,
    ComplexReLU,
    ComplexToReal,
    ModReLU,
    join_complex,
    split_complex,
)
from dl_techniques.layers.convnext_v1_block import ConvNextV1Block
from dl_techniques.layers.convnext_v2_block import ConvNextV2Block
from dl_techniques.layers.convolutional_block_attention_module import (
    CBAM,
    ChannelAttention,
    ConvolutionalBlockAttention,
    SpatialAttention,
)
from dl_techniques.layers.embedding import (
    ClassToken,
    PatchEmbed,
    PatchEmbedding1D,
    PatchEmbedding2D,
    PositionalEmbedding,
    RotaryPositionEmbedding,
)
from dl_techniques.layers.ffn import (
    GLUFFN,
    MLP,
    ConvGatedMLP,
    DifferentialFFN,
    GatedMLP,
    PowerMLP,
    PowerMLPLayer,
    SpatialGatingUnit,
    SwiGLUFFN,
)
from dl_techniques.layers.kan import KAN, KANConv2D, KANLinear, KANvolution
from dl_techniques.layers.kmeans import KMeansLayer
from dl_techniques.layers.layer_scale import LayerScale, LearnableMultiplier
from dl_techniques.layers.mdn_layer import MDNLayer
from dl_techniques.layers.mobilenet_v4_blocks import (
    UIB,
    MobileMQA,
    UniversalInvertedBottleneck,
)
from dl_techniques.layers.norms import (
    AdaptiveBandRMS,
    BandLogitNorm,
    BandRMS,
    CoupledLogitNorm,
    CoupledMultiLabelHead,
    DecoupledMaxLogit,
    DynamicTanh,
    GlobalResponseNorm,
    GlobalResponseNormalization,
    LogitNorm,
    MaxLogitNorm,
    RMSNorm,
    ZeroCenteredRMSNorm,
)
from dl_techniques.layers.ortho_conv2d_block import OrthoConv2DBlock
from dl_techniques.layers.orthoblock import OrthoBlock
from dl_techniques.layers.rbf import RBFLayer
from dl_techniques.layers.shearlet_transform import ShearletTransform
from dl_techniques.layers.som_2d_layer import SOM2dLayer
from dl_techniques.layers.squeeze_excitation import SqueezeExcitation
from dl_techniques.layers.stochastic_depth import (
    DropPath,
    StochasticDepth,
    stochastic_depth_rates,
)
from dl_techniques.layers.transformer import (
    DifferentialTransformerBlock,
    TransformerEncoderBlock,
    VisionTransformerLayer,
)

__all__ = [  # noqa: RUF022 (grouped by family)
    # attention
    "AdaptiveMultiHeadAttention",
    "DifferentialMultiHeadAttention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "HopfieldAttention",
    "MultiHeadAttention",
    "NonLocalAttention",
    "SparseAttention",
    "entmax",
    "entmax15",
    "hopfield_energy",
    "hopfield_retrieve",
    "sparsemax",
    # transformer
    "TransformerEncoderBlock",
    "DifferentialTransformerBlock",
    "VisionTransformerLayer",
    # convolution
    "CBAM",
    "ChannelAttention",
    "ConvNextV1Block",
    "ConvNextV2Block",
    "ConvolutionalBlockAttention",
    "MobileMQA",
    "SpatialAttention",
    "SqueezeExcitation",
    "UIB",
    "UniversalInvertedBottleneck",
    # capsules
    "CapsuleBlock",
    "CapsuleLength",
    "PrimaryCapsule",
    "RoutingCapsule",
    "Squash",
    "squash",
    # complex
    "ComplexAveragePooling2D",
    "ComplexConv2D",
    "ComplexDense",
    "ComplexReLU",
    "ComplexToReal",
    "ModReLU",
    "join_complex",
    "split_complex",
    # fixed filters
    "ShearletTransform",
    # prototypes
    "KMeansLayer",
    "RBFLayer",
    "SOM2dLayer",
    # density
    "MDNLayer",
    # kan and quantised
    "BitLinear",
    "KAN",
    "KANConv2D",
    "KANLinear",
    "KANvolution",
    # norms
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
    # ffn
    "GLUFFN",
    "MLP",
    "ConvGatedMLP",
    "DifferentialFFN",
    "GatedMLP",
    "PowerMLP",
    "PowerMLPLayer",
    "SpatialGatingUnit",
    "SwiGLUFFN",
    # positions and patches
    "ClassToken",
    "PatchEmbed",
    "PatchEmbedding1D",
    "PatchEmbedding2D",
    "PositionalEmbedding",
    "RotaryPositionEmbedding",
    # activations
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
    # blocks
    "DropPath",
    "LayerScale",
    "LearnableMultiplier",
    "OrthoBlock",
    "OrthoConv2DBlock",
    "StochasticDepth",
    "stochastic_depth_rates",
]
