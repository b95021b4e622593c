"""Quantised layers, spline layers, and mixtures of Gaussians.

One table: the three families have one to three entries, written by the same helpers.
"""

from typing import Any

from dl_techniques.catalog import parts
from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    initializer,
    positive,
    regularizer,
    seed,
)
from dl_techniques.utils.arguments import Argument


def count(name: str, text: str, *, ui: tuple[float, float], **rest: Any) -> Argument:
    """Returns a positive whole number without an upper limit."""
    return parts.count(name, text, ui=ui, high=None, **rest)


def _switch(name: str, default: bool, text: str) -> Argument:
    return Argument(name, "bool", default, help=text)


def _entry(name: str, family: str, summary: str, source: str, **rest: Any) -> Entry:
    target = f"dl_techniques.layers.{name}"
    given = {"accepts": ("vector", "sequence", "image"), **rest}
    return Entry(name, target, "layer", family, summary, source, **given)


_KAN = "Liu et al. (2024), arXiv:2404.19756"
_MEASURES = ("absmean", "absmedian", "absmax")
_SPLINE = (
    count("grid_size", "Intervals of the grid.", ui=(3, 20), default=5),
    count("spline_order", "Degree of the splines.", ui=(1, 3), default=3),
    Argument("grid_range", "floats", (-1, 1), help="Ends of the first grid."),
    activation("silu", "base_activation"),
)
_NOISE = Argument(
    "scale_noise",
    "float",
    0.1,
    low=0,
    ui_low=0,
    ui_high=1,
    help="Size of the random starting curves.",
)
_REST = (
    _switch("use_spline_scaler", True, "Whether every edge has its own factor."),
    _NOISE,
    Argument(
        "grid_eps",
        "float",
        0.02,
        low=0,
        high=1,
        ui_low=0,
        ui_high=1,
        help="Share of the even grid when knots move to the data.",
    ),
    _switch("use_bias", False, "Whether an offset is added."),
)

ENTRIES = (
    _entry(
        "BitLinear",
        "quantised",
        "Dense layer with ternary weights and 8-bit activations.",
        "Ma et al. (2024), arXiv:2402.17764; Wang et al. (2023), arXiv:2310.11453",
        arguments=(
            count("units", "Number of outputs.", ui=(1, 512)),
            _switch("use_bias", False, "Whether an offset is added."),
            Argument(
                "weight_quantizer",
                "choice",
                "ternary",
                choices=("ternary", "binary", "int4", "int8"),
                optional=True,
                help="Levels of the weights; empty keeps them as they are.",
            ),
            Argument(
                "activation_bits",
                "int",
                8,
                low=2,
                high=8,
                ui_low=2,
                ui_high=8,
                optional=True,
                help="Bits of an activation; empty keeps them as they are.",
            ),
            _switch("use_norm", True, "Whether the input is RMS-normalised first."),
            Argument(
                "weight_measure",
                "choice",
                "absmean",
                choices=_MEASURES,
                help="What scales ternary weights.",
            ),
            Argument(
                "activation_measure",
                "choice",
                "absmax",
                choices=_MEASURES,
                help="What scales the activations of a token.",
            ),
            Argument(
                "strategy",
                "choice",
                "round",
                choices=("round", "stochastic"),
                help="Nearest level, or a random one of the two in training.",
            ),
            Argument(
                "lambda_",
                "float",
                1.0,
                low=0,
                low_open=True,
                high=1,
                ui_low=0.05,
                ui_high=1,
                help="Share of the quantisation in use.",
            ),
            positive("epsilon", 1e-5, (1e-8, 1e-3), "Floor of the scales."),
            positive("norm_epsilon", 1e-6, (1e-8, 1e-3), "Epsilon of the norm."),
            initializer("kernel_initializer", "glorot_uniform", "Start of the kernel."),
            initializer("bias_initializer", "zeros", "Start of the bias."),
            regularizer("kernel_regularizer", "Penalty on the latent kernel."),
            regularizer("bias_regularizer", "Penalty on the bias."),
            seed(),
        ),
        example={"units": 4},
        look_at="Histogram of weight over scale with the thresholds at 1/2, and the "
        "share of zeros; keep the first and last layer of a model unquantised.",
    ),
    _entry(
        "KANLinear",
        "kan",
        "Sums a learned spline of every input, one curve an edge.",
        _KAN,
        arguments=(
            count("units", "Number of outputs.", ui=(1, 64)),
            *_SPLINE,
            *_REST,
            Argument(
                "base_initializer",
                "component",
                None,
                choices=("initializer",),
                optional=True,
                help="Start of the smooth part; empty is uniform.",
            ),
            regularizer("spline_regularizer", "Penalty on the spline coefficients."),
            regularizer("base_regularizer", "Penalty on the smooth part."),
        ),
        example={"units": 4},
        look_at="Every edge's curve, and the edges whose curve stays near zero.",
    ),
    _entry(
        "KAN",
        "kan",
        "A stack of spline layers.",
        _KAN,
        arguments=(
            Argument(
                "units_list",
                "ints",
                low=1,
                required=True,
                help="Outputs of every layer; the last is the output size.",
            ),
            *_SPLINE,
            *_REST,
        ),
        example={"units_list": [5, 4]},
        look_at="The curves of every layer's edges.",
    ),
    _entry(
        "KANConv2D",
        "kan",
        "A convolution whose kernel entries are learned splines.",
        _KAN,
        accepts=("image",),
        arguments=(
            count("filters", "Output channels.", ui=(1, 64)),
            count("kernel_size", "Size of the kernel.", ui=(1, 7), default=3),
            count("strides", "Step of the kernel.", ui=(1, 4), default=1),
            Argument(
                "padding",
                "choice",
                "same",
                choices=("same", "valid"),
                help="Whether the picture keeps its size.",
            ),
            *_SPLINE,
            _NOISE,
        ),
        example={"filters": 4},
        look_at="Accuracy against a plain convolution of the same size.",
        aliases=("KANvolution",),
    ),
    _entry(
        "MDNLayer",
        "density",
        "Predicts means, deviations and weights of a mixture of Gaussians.",
        "Bishop (1994), Mixture density networks, NCRG/94/004",
        accepts=("vector", "sequence"),
        arguments=(
            count("output_dimension", "Number of targets.", ui=(1, 8)),
            count("num_mixtures", "Number of Gaussians.", ui=(1, 20)),
            Argument(
                "sigma_activation",
                "choice",
                "elu_plus_one",
                choices=("elu_plus_one", "softplus", "exp"),
                help="Makes deviations positive.",
            ),
            positive("min_sigma", 1e-4, (1e-6, 1e-1), "Smallest deviation."),
            initializer("kernel_initializer", "glorot_uniform", "Start of kernels."),
            initializer("bias_initializer", "zeros", "Start of biases."),
            Argument(
                "mu_bias_spread",
                "float",
                None,
                low=0,
                ui_low=0,
                ui_high=5,
                optional=True,
                help="Start the means evenly over plus and minus this.",
            ),
            regularizer("kernel_regularizer", "Penalty on the kernels."),
            regularizer("bias_regularizer", "Penalty on the biases."),
        ),
        example={"output_dimension": 1, "num_mixtures": 3},
        look_at="The density over the input, component means as lines, and coverage.",
    ),
)
