"""Layers that tell positions apart or turn inputs into tokens."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    count,
    initializer,
    positive,
    rate,
    use_bias,
    weights,
)
from dl_techniques.utils.arguments import Argument


def _embedding(name: str, summary: str, source: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "embedding",
        summary,
        source,
        **{"accepts": ("sequence",), **rest},
    )


def _patches(high: int) -> tuple[Argument, ...]:
    return (
        Argument(
            "patch_size",
            "ints",
            low=1,
            ui_low=2,
            ui_high=high,
            required=True,
            help="Size of a patch; must divide the input's.",
        ),
        count("embed_dim", "Width of the tokens.", ui=(4, 256), high=None),
        Argument(
            "stride",
            "ints",
            low=1,
            ui_low=1,
            ui_high=high,
            optional=True,
            help="Step between patches; empty: the patch size.",
        ),
        Argument(
            "padding",
            "choice",
            "valid",
            choices=("valid", "same"),
            help="Whether the input must divide evenly or is padded.",
        ),
    )


_THETA = positive(
    "theta", 10000.0, (10, 1e6), "Base of the wavelengths of the rotation.", low=1
)
ENTRIES: tuple[Entry, ...] = (
    _embedding(
        "RotaryPositionEmbedding",
        "Rotates feature pairs by an angle proportional to the position.",
        "Su et al. (2021), arXiv:2104.09864",
        arguments=(
            _THETA,
            Argument(
                "fraction",
                "float",
                1.0,
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Share of the features that turn.",
            ),
            Argument(
                "layout",
                "choice",
                "interleaved",
                choices=("interleaved", "half"),
                help="Which features form a pair: neighbours, or across the middle.",
            ),
            positive("scaling_factor", 1.0, (0.25, 16), "Divides the positions."),
        ),
        look_at="The angles, and how products fade with distance.",
    ),
    _embedding(
        "PositionalEmbedding",
        "Adds a learned or sinusoidal vector to each position.",
        "Vaswani et al. (2017), arXiv:1706.03762",
        arguments=(
            Argument(
                "max_seq_len",
                "int",
                low=1,
                ui_low=8,
                ui_high=1024,
                log=True,
                required=True,
                help="Positions of the table, at least the input's length.",
            ),
            Argument(
                "mode",
                "choice",
                "learned",
                choices=("learned", "sinusoidal"),
                help="Whether the table is learned or fixed.",
            ),
            Argument(
                "scale",
                "float",
                0.02,
                low=0,
                ui_low=0.001,
                ui_high=1,
                log=True,
                help="Spread of the learned table at the start.",
            ),
            rate("Share of the sum dropped in training.", name="dropout", default=0.0),
            Argument(
                "initializer",
                "component",
                choices=("initializer",),
                optional=True,
                help="Start of the table; empty: a truncated normal.",
            ),
        ),
        example={"max_seq_len": 64},
        look_at="Cosine similarity between positions: locality grows in training.",
    ),
    _embedding(
        "PatchEmbedding2D",
        "Cuts an image into patches and projects each to one token.",
        "Dosovitskiy et al. (2020), arXiv:2010.11929",
        accepts=("image",),
        returns="sequence",
        aliases=("PatchEmbed",),
        arguments=(
            *_patches(16),
            Argument("flatten", "bool", True, help="Whether tokens form a sequence."),
            activation(),
            use_bias(),
            *weights(),
        ),
        example={"patch_size": 2, "embed_dim": 8},
        look_at="The filters as colour tiles and their cosine similarity.",
    ),
    _embedding(
        "PatchEmbedding1D",
        "Cuts a sequence into patches and projects each to one token.",
        "Dosovitskiy et al. (2020), arXiv:2010.11929, in one dimension",
        arguments=(*_patches(16), activation(), use_bias(), *weights()),
        example={"patch_size": 3, "embed_dim": 8},
        look_at="The filters as curves and their cosine similarity.",
    ),
    _embedding(
        "ClassToken",
        "Puts one learned token before the others; a head can read it alone.",
        "Dosovitskiy et al. (2020), arXiv:2010.11929",
        arguments=(initializer("initializer", "zeros", "Start of the token."),),
        look_at="How attention to and from the first position grows.",
    ),
)
