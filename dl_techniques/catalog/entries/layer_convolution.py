"""Convolutional blocks and image attention.

One table: two generations of a block share its arguments, and the rest are short.
"""

from typing import Any

from dl_techniques.catalog import parts
from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    initializer,
    positive,
    rate,
    regularizer,
)
from dl_techniques.utils.arguments import Argument


def count(name: str, text: str, *, ui: tuple[float, float], **rest: Any) -> Argument:
    """Returns a positive whole number without an upper limit."""
    return parts.count(name, text, ui=ui, high=None, **rest)


def _switch(name: str, default: bool, text: str) -> Argument:
    return Argument(name, "bool", default, help=text)


def _entry(name: str, summary: str, source: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "convolution",
        summary,
        source,
        **{"accepts": ("image",), **rest},
    )


_SPATIAL_KERNEL = Argument(
    "kernel_size",
    "choice",
    7,
    choices=(1, 3, 5, 7, 9, 11),
    help="Size of the spatial convolution, odd.",
)
_CHANNELS = Argument(
    "channels", "int", None, low=1, optional=True, help="Expected channels; empty: any."
)


def _block(scale: float | None, *, grn: bool) -> tuple[Argument, ...]:
    return (
        Argument(
            "filters",
            "int",
            None,
            low=1,
            ui_low=1,
            ui_high=256,
            optional=True,
            help="Output channels; empty keeps the input's.",
        ),
        count("kernel_size", "Size of the depthwise kernel.", ui=(3, 11), default=7),
        positive(
            "expansion_ratio", 4, (1, 6), "Width of the mlp in channels.", log=False
        ),
        activation("gelu"),
        count(
            "strides",
            "Step of the convolution; needs no residual.",
            ui=(1, 2),
            default=1,
        ),
        _switch("use_bias", True, "Whether convolution and projections have offsets."),
        Argument(
            "layer_scale_init",
            "float",
            scale,
            low=0,
            ui_low=1e-6,
            ui_high=1,
            log=True,
            optional=True,
            help="Start of the gain on the branch; empty is no gain.",
        ),
        rate(
            "Chance that a sample skips the branch.", name="drop_path_rate", default=0.0
        ),
        rate("Dropout before the projection.", name="dropout_rate", default=0.0),
        rate(
            "Dropout of whole channels after it.",
            name="spatial_dropout_rate",
            default=0.0,
        ),
        _switch("use_residual", True, "Whether the input is added to the branch."),
        positive("norm_epsilon", 1e-6, (1e-8, 1e-3), "Epsilon of the layer norm."),
        *(
            (
                positive(
                    "grn_epsilon", 1e-6, (1e-8, 1e-3), "Epsilon of the response norm."
                ),
            )
            if grn
            else ()
        ),
        initializer(
            "kernel_initializer", "truncated_normal(0.02)", "Start of all kernels."
        ),
        regularizer("kernel_regularizer", "Penalty on all kernels."),
        Argument(
            "ortho_regularizer",
            "choice",
            None,
            choices=("orthogonal", "orthonormal", "srip"),
            optional=True,
            help="Pulls both pointwise kernels towards orthogonality.",
        ),
    )


ENTRIES = (
    _entry(
        "ConvNextV1Block",
        "Large depthwise convolution, layer norm, widening mlp, gain and residual.",
        "Liu et al. (2022), CVPR, arXiv:2201.03545",
        arguments=_block(1e-6, grn=False),
        example={"kernel_size": 3, "layer_scale_init": 0.1},
        look_at="The depthwise kernels as tiles, and the gain gamma.",
    ),
    _entry(
        "ConvNextV2Block",
        "The ConvNeXt block whose channels compete through a response norm.",
        "Woo et al. (2023), CVPR, arXiv:2301.00808",
        arguments=_block(None, grn=True),
        example={"kernel_size": 3},
        look_at="The depthwise kernels as tiles, and the response norm's gamma.",
    ),
    _entry(
        "CBAM",
        "Weighs the channels of an image, then its places.",
        "Woo et al. (2018), ECCV, arXiv:1807.06521",
        arguments=(
            count("ratio", "Reduction inside the channel mlp.", ui=(1, 32), default=16),
            _SPATIAL_KERNEL,
            _switch("use_channel", True, "Whether channels are weighed."),
            _switch("use_spatial", True, "Whether places are weighed."),
            _switch(
                "use_spatial_batch_norm", False, "Batch norm on the spatial score."
            ),
            initializer(
                "kernel_initializer", "glorot_uniform", "Start of all kernels."
            ),
            regularizer("kernel_regularizer", "Penalty on all kernels."),
            _switch("mlp_use_bias", False, "Whether the channel mlp has offsets."),
            _CHANNELS,
        ),
        example={"ratio": 2, "kernel_size": 3},
        look_at="The spatial mask over the picture, and the channel mask as bars.",
        aliases=("ConvolutionalBlockAttention",),
    ),
    _entry(
        "ChannelAttention",
        "Returns a mask that tells which channels matter.",
        "Woo et al. (2018), ECCV, arXiv:1807.06521, eq. 2",
        arguments=(
            count("ratio", "Reduction inside the mlp.", ui=(1, 32), default=16),
            initializer(
                "kernel_initializer", "glorot_uniform", "Start of both kernels."
            ),
            regularizer("kernel_regularizer", "Penalty on both kernels."),
            _switch("use_bias", False, "Whether the mlp has offsets."),
            _CHANNELS,
        ),
        example={"ratio": 2},
        look_at="The mask as bars, a channel each.",
    ),
    _entry(
        "SpatialAttention",
        "Returns a mask that tells which places matter.",
        "Woo et al. (2018), ECCV, arXiv:1807.06521, eq. 3",
        arguments=(
            _SPATIAL_KERNEL,
            _switch("use_batch_norm", False, "Batch norm on the score."),
            initializer("kernel_initializer", "glorot_uniform", "Start of the kernel."),
            regularizer("kernel_regularizer", "Penalty on the kernel."),
        ),
        example={"kernel_size": 3},
        look_at="The mask over the picture.",
    ),
    _entry(
        "SqueezeExcitation",
        "Scales every channel by a gate computed from the channel means.",
        "Hu, Shen, Sun (2018), CVPR, arXiv:1709.01507",
        accepts=("vector", "sequence", "image"),
        arguments=(
            Argument(
                "reduction_ratio",
                "float",
                0.25,
                low=0,
                low_open=True,
                high=1,
                ui_low=1 / 16,
                ui_high=1,
                help="Width of the squeeze relative to the channels.",
            ),
            activation("relu"),
            activation("sigmoid", "gate_activation"),
            _switch("use_bias", False, "Whether both projections have offsets."),
            count("divisor", "The squeeze is a multiple of it.", ui=(1, 16), default=1),
            initializer(
                "kernel_initializer", "glorot_normal", "Start of both kernels."
            ),
            regularizer("kernel_regularizer", "Penalty on both kernels."),
        ),
        look_at="The gates as bars, sample by sample.",
    ),
)
