"""Keras convolutions."""

from dl_techniques.catalog.entry import Entry, Input
from dl_techniques.catalog.parts import (
    activation,
    activity_regularizer,
    constraint,
    count,
    initializer,
    regularizer,
    use_bias,
    weights,
)
from dl_techniques.utils.arguments import Argument


def _window(name: str, default: int | tuple[int, ...] | None, text: str) -> Argument:
    return Argument(
        name,
        "ints",
        default,
        low=1,
        high=1024,
        ui_low=1,
        ui_high=9 if name == "kernel_size" else 4,
        required=default is None,
        help=text,
    )


_PADDING = Argument(
    "padding",
    "choice",
    "valid",
    choices=("valid", "same"),
    help="same pads with zeros to keep the size, valid does not pad.",
)


def _kernel(one: int | tuple[int, ...]) -> tuple[Argument, ...]:
    return (
        _window("kernel_size", None, "Side of the window a filter sees."),
        _window("strides", one, "Steps between windows; 2 halves the size."),
        _PADDING,
        _window("dilation_rate", one, "Gaps inside the window."),
    )


_MULTIPLIER = count(
    "depth_multiplier", "Outputs for each channel.", ui=(1, 8), high=1024, default=1
)
_DEPTHWISE = (
    initializer(
        "depthwise_initializer", "glorot_uniform", "Starting values of the windows."
    ),
    regularizer("depthwise_regularizer", "Penalty on the windows."),
    constraint("depthwise_constraint", "Projection of the windows after each step."),
)
_POINTWISE = (
    initializer(
        "pointwise_initializer", "glorot_uniform", "Starting values of the mixing."
    ),
    regularizer("pointwise_regularizer", "Penalty on the mixing."),
    constraint("pointwise_constraint", "Projection of the mixing after each step."),
)


def _conv(name: str, kind: Input, one: int | tuple[int, ...], axis: str) -> Entry:
    return Entry(
        name=name,
        target=f"keras.layers.{name}",
        kind="layer",
        family="convolution",
        summary=f"Slides learned filters along {axis}.",
        accepts=(kind,),
        arguments=(
            count("filters", "Number of output channels.", ui=(1, 256)),
            *_kernel(one),
            count(
                "groups",
                "Blocks of channels that do not mix; must divide the channels.",
                ui=(1, 16),
                high=4096,
                default=1,
            ),
            activation(),
            use_bias(),
            *weights(),
            activity_regularizer(),
        ),
        example={"filters": 4, "kernel_size": 3, "padding": "same"},
        look_at="the filters and the activation maps",
    )


def _separable(name: str, kind: Input, one: int | tuple[int, ...]) -> Entry:
    return Entry(
        name=name,
        target=f"keras.layers.{name}",
        kind="layer",
        family="convolution",
        summary="Filters each channel alone, then mixes channels: fewer weights.",
        source="Chollet 2017, arXiv:1610.02357; Keras",
        accepts=(kind,),
        arguments=(
            count("filters", "Number of output channels.", ui=(1, 256)),
            *_kernel(one),
            _MULTIPLIER,
            activation(),
            use_bias(),
            *_DEPTHWISE,
            *_POINTWISE,
        ),
        example={"filters": 4, "kernel_size": 3, "padding": "same"},
        look_at="parameters and FLOPs against Conv of the same size",
    )


ENTRIES: tuple[Entry, ...] = (
    _conv("Conv1D", "sequence", 1, "time"),
    _conv("Conv2D", "image", (1, 1), "an image"),
    Entry(
        name="DepthwiseConv2D",
        target="keras.layers.DepthwiseConv2D",
        kind="layer",
        family="convolution",
        summary="Filters each channel of an image on its own.",
        accepts=("image",),
        arguments=(
            *_kernel((1, 1)),
            _MULTIPLIER,
            activation(),
            use_bias(),
            *_DEPTHWISE,
        ),
        example={"kernel_size": 3, "padding": "same"},
        look_at="the filters",
    ),
    _separable("SeparableConv1D", "sequence", 1),
    _separable("SeparableConv2D", "image", (1, 1)),
)
