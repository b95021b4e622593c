"""Orthonormal blocks, stochastic depth and learned multipliers."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    constraint,
    initializer,
    positive,
    rate,
    regularizer,
    seed,
    use_bias,
)
from dl_techniques.utils.arguments import Argument

_ANY = ("vector", "sequence", "image")


def _choice(name: str, default: str, choices: tuple[str, ...], text: str) -> Argument:
    return Argument(name, "choice", default, choices=choices, help=text)


def _block(name: str, family: str, summary: str, source: str, **rest: Any) -> Entry:
    target = f"dl_techniques.layers.{name}"
    return Entry(name, target, "layer", family, summary, source, **rest)


def _component(name: str, default: str, text: str) -> Argument:
    return Argument(
        name,
        "component",
        default,
        choices=("regularizer",),
        optional=True,
        help=text,
    )


_ORTHO = (
    activation(),
    use_bias(),
    Argument(
        "ortho_reg_factor",
        "float",
        0.01,
        low=0,
        ui_low=1e-5,
        ui_high=1,
        log=True,
        help="Weight of the orthonormality penalty.",
    ),
    _choice(
        "normalization",
        "center",
        ("center", "center_l2", "center_rms", "none"),
        "What is done to the projection before the gain.",
    ),
    Argument(
        "scale_initial_value",
        "float",
        0.5,
        low=0,
        high=1,
        ui_low=0,
        ui_high=1,
        help="Start of every gain.",
    ),
    _choice(
        "scale_mode",
        "clip",
        ("clip", "sigmoid"),
        "How the gains are kept between 0 and 1.",
    ),
    initializer("kernel_initializer", "orthonormal", "Start of the kernel."),
    initializer("bias_initializer", "zeros", "Start of the bias."),
    regularizer("kernel_regularizer", "Penalty besides the orthonormality."),
    regularizer("bias_regularizer", "Penalty on the bias."),
    _component("scale_regularizer", "l1(1e-5)", "Penalty on the gains."),
    _choice(
        "ortho_scaling",
        "none",
        ("none", "diagonal", "matrix"),
        "What the penalty is divided by: nothing, the matrix size, or its square.",
    ),
    positive("epsilon", 1e-6, (1e-8, 1e-3), "Keeps the division from blowing up."),
)


def _size(name: str, default: int, high: int, text: str) -> Argument:
    return Argument(name, "ints", default, low=1, ui_low=1, ui_high=high, help=text)


def _outputs(name: str, text: str) -> Argument:
    return Argument(
        name,
        "int",
        low=2,
        ui_low=4,
        ui_high=256,
        log=True,
        required=True,
        help=text,
    )


ENTRIES: tuple[Entry, ...] = (
    _block(
        "OrthoBlock",
        "orthonormal",
        "Dense kept orthonormal, then centring and a gain between 0 and 1.",
        "The project's own; penalty: Bansal et al. (2018), arXiv:1810.09102",
        accepts=("vector", "sequence"),
        arguments=(_outputs("units", "Number of outputs."), *_ORTHO),
        example={"units": 8},
        look_at="Singular values, the Gram matrix and the share of gains at 0.",
    ),
    _block(
        "OrthoConv2DBlock",
        "orthonormal",
        "Convolution with an orthonormal kernel matrix, centring and a gain.",
        "The project's own; penalty: Bansal et al. (2018), arXiv:1810.09102",
        accepts=("image",),
        arguments=(
            _outputs("filters", "Number of output channels."),
            _size("kernel_size", 3, 7, "Height and width of the kernel."),
            _size("strides", 1, 4, "Steps along height and width."),
            _choice("padding", "same", ("same", "valid"), "What happens at borders."),
            *_ORTHO,
        ),
        example={"filters": 4},
        look_at="Singular values, the Gram matrix and the share of gains at 0.",
    ),
    _block(
        "StochasticDepth",
        "residual",
        "Drops a whole residual branch for some samples in training.",
        "Huang et al. (2016), arXiv:1603.09382",
        accepts=_ANY,
        arguments=(rate("Share of samples dropped.", default=0.5), seed()),
        look_at="Share of samples that survive in each block.",
        needs_residual=True,
        aliases=("DropPath",),
    ),
    _block(
        "LayerScale",
        "residual",
        "Scales each channel by a learned gain that starts small.",
        "Touvron et al. (2021), arXiv:2103.17239",
        accepts=_ANY,
        arguments=(
            Argument(
                "init_value",
                "float",
                1e-5,
                ui_low=1e-6,
                ui_high=1,
                log=True,
                help="Start of every gain.",
            ),
            regularizer("regularizer", "Penalty on the gains."),
            constraint("constraint", "Projection of the gains after each step."),
        ),
        look_at="The gains over training: how much a residual branch is used.",
    ),
    _block(
        "LearnableMultiplier",
        "residual",
        "Multiplies by one learned number, or by one a channel.",
        "The project's own",
        accepts=_ANY,
        arguments=(
            _choice(
                "multiplier_type",
                "CHANNEL",
                ("CHANNEL", "GLOBAL"),
                "One number a channel, or one for all.",
            ),
            initializer("initializer", "ones", "Start of the multiplier."),
            regularizer("regularizer", "Penalty on the multiplier."),
            Argument(
                "constraint",
                "component",
                "non_neg",
                choices=("constraint",),
                optional=True,
                help="Projection of the multiplier after each step.",
            ),
        ),
        look_at="The multipliers over training.",
    ),
)
