"""Activation layers."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    SHARPENING,
    constraint,
    initializer,
    positive,
    regularizer,
)
from dl_techniques.utils.arguments import Argument


def _activation(name: str, summary: str, source: str, **rest: Any) -> Entry:
    given = {
        "accepts": ("vector", "sequence", "image"),
        "look_at": "The curve over the histogram of its inputs.",
    }
    target = f"dl_techniques.layers.{name}"
    return Entry(
        name, target, "layer", "activations", summary, source, **{**given, **rest}
    )


_ALPHA = (
    initializer("alpha_initializer", "zeros", "Start of alpha."),
    regularizer("alpha_regularizer", "Penalty on alpha."),
    constraint("alpha_constraint", "Projection of alpha after a step."),
)


def _expanded(name: str, summary: str, alias: str) -> Entry:
    return _activation(
        name,
        summary,
        "Huang (2024), arXiv:2405.20768",
        arguments=_ALPHA,
        look_at="Alpha over training: how far the gate leaves [0, 1].",
        aliases=(alias,),
    )


ENTRIES: tuple[Entry, ...] = (
    _activation(
        "Mish",
        "A smooth rectifier that lets small negative values through.",
        "Misra (2019), arXiv:1908.08681",
    ),
    _activation(
        "SaturatedMish",
        "Mish that levels off at its value in alpha.",
        "The project's own",
        arguments=(
            positive("alpha", 3.0, (0.5, 10), "Where it levels off."),
            positive("beta", 0.5, (0.05, 3), "Width of the transition."),
        ),
    ),
    _activation(
        "ReLUK",
        "The positive part raised to a whole power.",
        "Qiu et al. (2024), arXiv:2412.13571",
        arguments=(
            Argument("k", "int", 3, low=1, ui_low=1, ui_high=4, help="The power."),
        ),
    ),
    _activation(
        "BasisFunction",
        "silu under the name it has in spline-like layers.",
        "Qiu et al. (2024), arXiv:2412.13571",
    ),
    _activation(
        "AdaptiveTemperatureSoftmax",
        "A softmax that sharpens rows of high entropy.",
        "Velickovic et al. (2024), arXiv:2410.01104",
        arguments=SHARPENING,
        look_at="Entropy before and after, as rows get longer.",
    ),
    _expanded("ExpandedGELU", "GELU whose gate has a learned range.", "xGELU"),
    _expanded("ExpandedSiLU", "SiLU whose gate has a learned range.", "xSiLU"),
    _expanded("ExpandedArcTan", "An arctangent gate with a learned range.", "xATLU"),
)
