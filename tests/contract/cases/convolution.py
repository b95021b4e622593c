"""Convolutional blocks and image attention."""

from dl_techniques import layers
from tests.contract.case import Case

IMAGE = (3, 6, 6, 4)
SMALL = {"kernel_size": 3, "layer_scale_init": 0.1}
CASES = [
    Case(layers.ConvNextV1Block, IMAGE, SMALL),
    Case(
        layers.ConvNextV1Block,
        IMAGE,
        {
            **SMALL,
            "filters": 6,
            "strides": 2,
            "use_residual": False,
            "ortho_regularizer": "orthonormal",
        },
        "strided",
    ),
    Case(layers.ConvNextV2Block, IMAGE, {"kernel_size": 3}),
    Case(layers.CBAM, IMAGE, {"ratio": 2, "kernel_size": 3}),
    Case(
        layers.CBAM,
        IMAGE,
        {"ratio": 2, "kernel_size": 3, "return_attention": True},
        "masks",
    ),
    Case(layers.ChannelAttention, IMAGE, {"ratio": 2}),
    Case(layers.SpatialAttention, IMAGE, {"kernel_size": 3}),
    Case(layers.SqueezeExcitation, IMAGE),
    Case(layers.SqueezeExcitation, (3, 5, 4), {"use_bias": True}, "sequence"),
]
