"""Capsule layers."""

from typing import Any

from dl_techniques.catalog import parts
from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import initializer, positive, rate, regularizer
from dl_techniques.utils.arguments import Argument

_PAPER = "Sabour, Frosst, Hinton (2017), NeurIPS, arXiv:1710.09829"


def _count(name: str, text: str, ui: tuple[float, float], **rest: Any) -> Argument:
    return parts.count(name, text, ui=ui, high=None, **rest)


def _entry(name: str, summary: str, look_at: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "capsules",
        summary,
        _PAPER,
        look_at=look_at,
        **{"accepts": ("sequence",), **rest},
    )


_AXIS = Argument("axis", "int", -1, low=-8, help="Axis of a capsule's components.")
_CAPSULES = _count("num_capsules", "Number of capsules.", (2, 32))
_DIM = _count("dim_capsules", "Components of a capsule.", (2, 32))
_ROUNDS = _count("routing_iterations", "Rounds of routing.", (1, 5), default=3)


def _kernel(start: str, *, bias: bool) -> tuple[Argument, ...]:
    return (
        initializer("kernel_initializer", start, "Start of the kernel."),
        regularizer("kernel_regularizer", "Penalty on the kernel."),
        Argument("use_bias", "bool", bias, help="Whether an offset is added."),
    )


def _flag(name: str, default: bool, text: str) -> Argument:
    return Argument(name, "bool", default, help=text)


ENTRIES = (
    _entry(
        "PrimaryCapsule",
        "Cuts the channels of a convolution into capsules and squashes them.",
        "Lengths of the capsules over the picture.",
        accepts=("image",),
        returns="sequence",
        arguments=(
            _CAPSULES,
            _DIM,
            _count("kernel_size", "Size of the convolution.", (1, 9), default=9),
            _count("strides", "Step of the convolution.", (1, 3), default=2),
            Argument(
                "padding",
                "choice",
                "valid",
                choices=("valid", "same"),
                help="Whether the borders are kept.",
            ),
            *_kernel("he_normal", bias=True),
        ),
        example={"num_capsules": 2, "dim_capsules": 4, "kernel_size": 3},
    ),
    _entry(
        "RoutingCapsule",
        "Input capsules vote for output capsules; agreement decides.",
        "The couplings round by round, and the lengths as class scores.",
        arguments=(
            _CAPSULES,
            _DIM,
            _ROUNDS,
            *_kernel("glorot_uniform", bias=False),
            _flag("stop_gradient_routing", True, "Gradient of the last round only."),
        ),
        example={"num_capsules": 3, "dim_capsules": 4},
    ),
    _entry(
        "CapsuleBlock",
        "Routing, then dropout of whole capsules and a norm of their directions.",
        "Lengths with and without dropout.",
        arguments=(
            _CAPSULES,
            _DIM,
            _ROUNDS,
            rate("Share of capsules dropped.", name="dropout_rate", default=0.0),
            _flag("use_layer_norm", False, "Whether directions are normalised."),
            *_kernel("glorot_uniform", bias=False),
        ),
        example={"num_capsules": 3, "dim_capsules": 4},
    ),
    _entry(
        "Squash",
        "Keeps a vector's direction and brings its length below 1.",
        "Lengths before and after.",
        accepts=("vector", "sequence", "image"),
        arguments=(
            _AXIS,
            positive("epsilon", 1e-8, (1e-10, 1e-4), "Bounds the slope at zero."),
        ),
    ),
    _entry(
        "CapsuleLength",
        "Turns capsules into scores: the length of each.",
        "Lengths as class scores.",
        returns="vector",
        arguments=(_AXIS,),
    ),
)
