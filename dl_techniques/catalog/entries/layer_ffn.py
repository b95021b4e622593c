"""Feed-forward and gated layers."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    positive,
    rate,
    seed,
    use_bias,
    weights,
)
from dl_techniques.utils.arguments import Argument


def _ffn(name: str, summary: str, source: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "ffn",
        summary,
        source,
        **{"accepts": ("vector", "sequence", "image"), **rest},
    )


def _width(name: str, text: str, *, required: bool = True) -> Argument:
    return Argument(
        name,
        "int",
        low=1,
        ui_low=8,
        ui_high=1024,
        log=True,
        required=required,
        optional=not required,
        help=text,
    )


_HIDDEN = _width("hidden_dim", "Width of the hidden layer.")
_OUTPUT = _width(
    "output_dim", "Width of the output; empty keeps the input's.", required=False
)
_DROPOUT = rate("Share of values dropped in training.", name="dropout", default=0.0)
_BIAS_OFF = Argument("use_bias", "bool", False, help="Whether an offset is added.")
_GATES = ("glu", "bilinear", "reglu", "geglu", "swiglu")

ENTRIES: tuple[Entry, ...] = (
    _ffn(
        "MLP",
        "Two Dense layers with an activation between, position by position.",
        "Vaswani et al. (2017), arXiv:1706.03762",
        arguments=(
            _HIDDEN,
            _OUTPUT,
            activation("gelu"),
            _DROPOUT,
            use_bias(),
            seed(),
            *weights(),
        ),
        example={"hidden_dim": 16},
        look_at="Histogram of hidden activations and the share of dead units.",
    ),
    _ffn(
        "GLUFFN",
        "A gate decides which hidden values pass: activation(gate) times value.",
        "Shazeer (2020), arXiv:2002.05202",
        arguments=(
            _HIDDEN,
            _OUTPUT,
            Argument(
                "variant",
                "choice",
                "swiglu",
                choices=_GATES,
                help="Activation of the gate.",
            ),
            activation(),
            _DROPOUT,
            use_bias(),
            seed(),
            *weights(),
        ),
        example={"hidden_dim": 16},
        look_at="Histogram of the gate: how many gates are closed.",
    ),
    _ffn(
        "SwiGLUFFN",
        "The gated feed-forward layer of LLaMA-type models, sized by its rule.",
        "Touvron et al. (2023), arXiv:2302.13971; Shazeer (2020), arXiv:2002.05202",
        arguments=(
            _width("hidden_dim", "Hidden width; empty computes it.", required=False),
            _OUTPUT,
            positive(
                "expansion_factor", 4, (1, 8), "Width of the MLP of equal cost, in D."
            ),
            Argument(
                "multiple_of",
                "int",
                8,
                low=1,
                ui_low=1,
                ui_high=32,
                help="What the computed width is rounded up to.",
            ),
            _DROPOUT,
            _BIAS_OFF,
            seed(),
            *weights(),
        ),
        example={},
        look_at="Histogram of the gate: how many gates are closed.",
    ),
)
