"""Attention over the positions of a sequence, head by head."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    SHARPENING,
    count,
    positive,
    rate,
    seed,
    use_bias,
    weights,
)
from dl_techniques.utils.arguments import Argument


def _attention(name: str, summary: str, source: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "attention",
        summary,
        source,
        **{"accepts": ("sequence",), **rest},
    )


def _switch(name: str, default: bool, text: str) -> Argument:
    return Argument(name, "bool", default, help=text)


def _width(name: str, text: str, ui: tuple[int, int] = (2, 64)) -> Argument:
    return Argument(
        name, "int", low=1, ui_low=ui[0], ui_high=ui[1], optional=True, help=text
    )


_HEADS = count("num_heads", "Number of parallel looks.", ui=(1, 16), high=None)
_KEY = _width("key_dim", "Width of queries and keys of a head; empty: D / heads.")
_VALUE = _width("value_dim", "Width of the values of a head; empty: as the keys.")
_DROPOUT = rate(
    "Share of the attention weights dropped in training.", name="dropout", default=0.0
)
_WINDOW = _width("sliding_window", "Keys must be nearer than this; empty: all keys.")
_GATE = _switch("use_gate", False, "Whether a learned gate scales each head's output.")
_BIAS_OFF = _switch("use_bias", False, "Whether the projections have an offset.")
_NORM = _switch("qk_norm", False, "Whether queries and keys are RMS-normalised.")


def _rope(name: str, default: bool) -> tuple[Argument, ...]:
    text = "Whether queries and keys turn with their position."
    return (_switch(name, default, text), _THETA)


_THETA = positive(
    "rope_theta", 10000.0, (10, 1e6), "Base of the wavelengths of the rotation.", low=1
)
_LAYOUT = Argument(
    "rope_layout",
    "choice",
    "interleaved",
    choices=("interleaved", "half"),
    help="Which features turn as a pair: neighbours, or across the middle.",
)
_MAPS = "The attention maps, the entropy of their rows, weights below 1 / S."
ENTRIES: tuple[Entry, ...] = (
    _attention(
        "MultiHeadAttention",
        "Every position looks at all positions and mixes what it finds.",
        "Vaswani et al. (2017), arXiv:1706.03762; Keras",
        arguments=(
            _HEADS,
            _KEY,
            _VALUE,
            *_rope("use_rope", False),
            _LAYOUT,
            _NORM,
            _DROPOUT,
            use_bias(),
            _WINDOW,
            _GATE,
            seed(),
            *weights(),
        ),
        example={"num_heads": 2, "key_dim": 4},
        look_at=_MAPS,
    ),
    _attention(
        "AdaptiveMultiHeadAttention",
        "Sharpens rows of attention that have become too flat.",
        "Velickovic et al. (2024), arXiv:2410.01104",
        arguments=(
            _HEADS,
            _KEY,
            *SHARPENING,
            _VALUE,
            *_rope("use_rope", False),
            _LAYOUT,
            _NORM,
            _DROPOUT,
            use_bias(),
            _WINDOW,
            _GATE,
            seed(),
            *weights(),
        ),
        example={"num_heads": 2, "key_dim": 4},
        look_at="Entropy of the rows before and after, as sequences get longer.",
    ),
    _attention(
        "DifferentialMultiHeadAttention",
        "Subtracts a second attention map, so that common noise cancels.",
        "Ye et al. (2024), arXiv:2410.05258",
        arguments=(
            count("num_heads", "Number of map pairs.", ui=(1, 8), high=None),
            _width("head_dim", "Width of one map's queries; empty: D / (2 heads)."),
            _width("num_kv_heads", "Heads with own keys; empty: all.", (1, 8)),
            Argument(
                "layer_index",
                "int",
                0,
                low=0,
                ui_low=0,
                ui_high=11,
                help="Depth from 0: deeper layers subtract more at the start.",
            ),
            Argument(
                "lambda_init",
                "float",
                low=0,
                high=1,
                high_open=True,
                ui_low=0,
                ui_high=0.9,
                step=0.05,
                optional=True,
                help="Share subtracted at the start; empty: from the depth.",
            ),
            *_rope("use_rope", False),
            _switch("head_norm", True, "Whether each head's output is normalised."),
            positive("epsilon", 1e-5, (1e-8, 1e-2), "Stabiliser of that norm."),
            _DROPOUT,
            _BIAS_OFF,
            _width("output_dim", "Width of the output; empty: the query's.", (4, 256)),
            seed(),
            *weights(),
        ),
        example={"num_heads": 2, "head_dim": 4},
        look_at="Both maps and their difference, lambda, outliers of the activations.",
    ),
    _attention(
        "GroupQueryAttention",
        "Groups of heads share keys and values, so that less must be kept.",
        "Ainslie et al. (2023), arXiv:2305.13245; Su et al. (2021), arXiv:2104.09864",
        aliases=("GroupedQueryAttention",),
        arguments=(
            count("head_dim", "Width of a head, even if it turns.", ui=(2, 64)),
            count("num_query_heads", "Heads that ask.", ui=(1, 16), high=None),
            count(
                "num_key_value_heads",
                "Heads that answer; divides those that ask.",
                ui=(1, 16),
                high=None,
            ),
            *_rope("rope", True),
            Argument(
                "rope_fraction",
                "float",
                1.0,
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Share of a head's features that turn.",
            ),
            _LAYOUT,
            _NORM,
            _BIAS_OFF,
            _DROPOUT,
            _WINDOW,
            _GATE,
            seed(),
            *weights(),
        ),
        example={"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2},
        look_at="The maps of heads in one group, and what a token leaves to be kept.",
    ),
)
