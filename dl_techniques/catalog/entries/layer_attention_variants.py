"""Attention whose map is pooled, sparse or iterated."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import rate, seed, use_bias, weights
from dl_techniques.utils.arguments import Argument


def _entry(name: str, summary: str, source: str, **rest: Any) -> Entry:
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


_DROPOUT = rate(
    "Share of the attention weights dropped in training.", name="dropout", default=0.0
)
ENTRIES: tuple[Entry, ...] = (
    _entry(
        "NonLocalAttention",
        "Lets every position of a feature map see all others; starts as identity.",
        "Wang et al. (2018), arXiv:1711.07971",
        accepts=("image", "sequence"),
        arguments=(
            Argument(
                "intermediate_channels",
                "int",
                None,
                low=1,
                ui_low=1,
                ui_high=128,
                optional=True,
                help="Width of the comparison; empty: half the channels.",
            ),
            Argument(
                "mode",
                "choice",
                "embedded_gaussian",
                choices=(
                    "gaussian",
                    "embedded_gaussian",
                    "dot_product",
                    "concatenation",
                ),
                help="How two positions are compared.",
            ),
            Argument(
                "subsample",
                "int",
                None,
                low=2,
                ui_low=2,
                ui_high=4,
                optional=True,
                help="Pools the keys by this step; keep positions below 4096.",
            ),
            _switch(
                "use_scale", False, "Whether embedded Gaussian scores are scaled down."
            ),
            Argument(
                "normalization",
                "choice",
                "batch",
                choices=("batch", "layer"),
                optional=True,
                help="Norm after the output projection; it starts at 0.",
            ),
            _switch("residual", True, "Whether the input is added to the result."),
            _DROPOUT,
            use_bias(),
            seed(),
            *weights(),
        ),
        look_at="Where one pixel looks: its row of the attention map.",
    ),
)
