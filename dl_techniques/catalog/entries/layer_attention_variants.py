"""Attention whose map is pooled, sparse or iterated.

One table of three long entries: sixty arguments, some of them the same.
"""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import count, positive, rate, seed, use_bias, weights
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
_HEADS = count("num_heads", "Number of parallel looks.", ui=(1, 16), high=None)
_KEY = count("key_dim", "Width of queries and keys of a head.", ui=(2, 64), high=None)
_VALUE = Argument(
    "value_dim",
    "int",
    low=1,
    ui_low=2,
    ui_high=64,
    optional=True,
    help="Width of the values of a head; empty: as the keys.",
)


def _choice(name: str, default: Any, choices: tuple[Any, ...], text: str) -> Argument:
    return Argument(name, "choice", default, choices=choices, help=text)


def _reach(name: str, low: int, high: int, text: str) -> Argument:
    return Argument(
        name, "int", low=low, ui_low=low, ui_high=high, optional=True, help=text
    )


def _inside(name: str, default: float, low: int, high: int, text: str) -> Argument:
    """Returns a number between `low` and `high`."""
    return Argument(
        name,
        "float",
        default,
        low=low,
        high=high,
        low_open=True,
        high_open=high == 1,
        ui_low=low + 0.05,
        ui_high=high if high > 1 else 0.95,
        step=0.05,
        help=text,
    )


_HOPFIELD = (
    _HEADS,
    _KEY,
    _VALUE,
    Argument(
        "beta",
        "float",
        low=0,
        low_open=True,
        ui_low=0.1,
        ui_high=20,
        log=True,
        optional=True,
        help="Sharpness of retrieval; empty: 1 / sqrt(key_dim).",
    ),
    _switch("trainable_beta", False, "Whether each head learns its sharpness."),
    Argument(
        "update_steps_max",
        "int",
        0,
        low=0,
        high=32,
        ui_low=0,
        ui_high=8,
        help="Further updates of the query; 0 is ordinary attention.",
    ),
    positive(
        "update_steps_eps", 1e-4, (1e-6, 0.1), "Movement at which a position stops."
    ),
    _switch("normalize_patterns", True, "Whether the inputs are layer-normalised."),
    _switch(
        "normalize_hopfield_space", False, "Whether projected queries and keys are."
    ),
    positive("epsilon", 1e-5, (1e-7, 1e-2), "Stabiliser of the norms."),
    _DROPOUT,
    use_bias(),
    _reach("output_dim", 1, 128, "Width of the output; empty: as the query."),
    seed(),
    *weights(),
)
_SPARSE = (
    _HEADS,
    _KEY,
    _VALUE,
    _choice(
        "normalizer",
        "entmax15",
        (
            "softmax",
            "sparsemax",
            "entmax15",
            "entmax",
            "top_k",
            "threshold",
            "iterative",
        ),
        "The map from scores to weights; all but softmax give exact zeros.",
    ),
    _inside("alpha", 1.5, 1, 2, "Of entmax: near 1 it is softmax, at 2 sparsemax."),
    _switch("learn_alpha", False, "Whether each head learns its alpha (entmax)."),
    _choice(
        "threshold",
        "auto",
        ("auto", 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
        "Smallest weight that stays; auto: one over the number of keys.",
    ),
    _switch("learnable_threshold", False, "Whether a threshold number is learned."),
    _switch("per_head_thresholds", False, "Whether each head learns its own."),
    _inside("iterative_alpha", 0.6, 0, 1, "How fast the limit grows by round."),
    count("max_iterations", "Rounds of iterative.", ui=(1, 8), high=None, default=3),
    count("top_k", "Weights that top_k keeps.", ui=(1, 32), high=None, default=8),
    _choice(
        "pattern",
        "dense",
        ("dense", "local", "strided", "local_strided"),
        "Which positions may see each other; it saves no time.",
    ),
    _reach("window", 1, 64, "Reach of the local pattern."),
    _reach("stride", 2, 32, "Step of the strided pattern."),
    _switch("causal", False, "Whether no position sees a later one."),
    _DROPOUT,
    use_bias(),
    _reach("output_dim", 1, 128, "Width of the output; empty: as the query."),
    seed(),
    *weights(),
)
ENTRIES: tuple[Entry, ...] = (
    _entry(
        "HopfieldAttention",
        "Iterates each query towards stored patterns, then reads out their values.",
        "Ramsauer et al. (2020), arXiv:2008.02217",
        arguments=_HOPFIELD,
        example={"num_heads": 2, "key_dim": 4, "update_steps_max": 2},
        look_at="The association map of every step and how the energy falls.",
    ),
    _entry(
        "SparseAttention",
        "Attention whose weights contain exact zeros.",
        "Peters et al. (2019), arXiv:1905.05702; Martins, Astudillo (2016), "
        "arXiv:1602.02068; Child et al. (2019), arXiv:1904.10509",
        arguments=_SPARSE,
        example={"num_heads": 2, "key_dim": 4},
        look_at="The share of exact zeros by head, support sizes, learned alphas. "
        "Sorting costs about 20 softmaxes: keep sequences below 512.",
    ),
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
