"""Complex-valued layers: the last axis is [real part | imaginary part]."""

from typing import Any

from dl_techniques.catalog import parts
from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import regularizer, seed
from dl_techniques.utils.arguments import Argument

_PAPER = "Trabelsi et al. (2018), ICLR, arXiv:1705.09792"


def _count(name: str, text: str, ui: tuple[float, float], **rest: Any) -> Argument:
    return parts.count(name, text, ui=ui, high=None, **rest)


def _entry(name: str, summary: str, look_at: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "complex",
        summary,
        **{
            "source": _PAPER,
            "accepts": ("vector", "sequence", "image"),
            "look_at": look_at,
            **rest,
        },
    )


def _padding(default: str) -> Argument:
    text = "Whether the picture keeps its size."
    return Argument("padding", "choice", default, choices=("same", "valid"), help=text)


_KERNEL = (
    Argument("use_bias", "bool", True, help="Whether there is a complex offset."),
    Argument(
        "initializer_mode",
        "choice",
        "glorot",
        choices=("glorot", "he"),
        help="Variance of the start.",
    ),
    regularizer("kernel_regularizer", "Penalty on both parts of the kernel."),
    Argument(
        "real_input",
        "bool",
        False,
        help="Whether the input has real channels only; for the first layer.",
    ),
    seed(),
)

ENTRIES = (
    _entry(
        "ComplexConv2D",
        "Convolves a complex image with a complex kernel.",
        "Magnitude and phase of the maps, the phase on a colour wheel.",
        accepts=("image",),
        arguments=(
            _count("filters", "Complex output channels.", (1, 128)),
            _count("kernel_size", "Size of the kernel.", (1, 7), default=3),
            _count("strides", "Step of the kernel.", (1, 4), default=1),
            _padding("same"),
            _count("dilation_rate", "Distance of kernel entries.", (1, 4), default=1),
            *_KERNEL,
        ),
        example={"filters": 3, "real_input": True},
    ),
    _entry(
        "ComplexDense",
        "Multiplies complex features by a complex matrix.",
        "Magnitude and phase of the outputs.",
        arguments=(_count("units", "Complex outputs.", (1, 256)), *_KERNEL),
        example={"units": 3, "real_input": True},
    ),
    _entry(
        "ComplexReLU",
        "Applies ReLU to real and imaginary part.",
        "Share of values with a part cut off.",
    ),
    _entry(
        "ModReLU",
        "Shortens complex numbers by a learned amount and keeps their phase.",
        "Histogram of magnitudes with the learned threshold.",
        source="Arjovsky, Shah, Bengio (2016), ICML, arXiv:1511.06464",
    ),
    _entry(
        "ComplexAveragePooling2D",
        "Averages complex images over windows; phases may cancel.",
        "Magnitude before and after.",
        accepts=("image",),
        arguments=(
            _count("pool_size", "Size of the window.", (2, 4), default=2),
            Argument(
                "strides",
                "int",
                None,
                low=1,
                ui_low=1,
                ui_high=4,
                optional=True,
                help="Step of the window; empty is its size.",
            ),
            _padding("valid"),
        ),
    ),
    _entry(
        "ComplexToReal",
        "Turns complex features into real ones.",
        "Accuracy with both parts against the magnitude alone.",
        source="Ko et al. (2022), CoShNet, arXiv:2208.06882",
        arguments=(
            Argument(
                "mode",
                "choice",
                "concat",
                choices=("concat", "magnitude", "magnitude_squared"),
                help="What is kept.",
            ),
        ),
    ),
)
