"""Residual blocks of attention and feed-forward layers."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import activation, count, positive, rate, seed
from dl_techniques.utils.arguments import Argument


def _rate(name: str, text: str) -> Argument:
    return rate(text, name=name, default=0.0)


def _choice(name: str, default: str, choices: tuple[str, ...], text: str) -> Argument:
    return Argument(name, "choice", default, choices=choices, help=text)


_MLP = Argument(
    "mlp_dim",
    "int",
    low=1,
    ui_low=8,
    ui_high=1024,
    log=True,
    optional=True,
    help="Width of the feed-forward layer; empty: from the features.",
)
_SCALE = Argument(
    "layer_scale_init",
    "float",
    ui_low=1e-6,
    ui_high=1,
    log=True,
    optional=True,
    help="Start of a gain per channel of each branch; empty: no gains.",
)
_CAUSAL = Argument(
    "causal", "bool", False, help="Whether positions see earlier ones only."
)
_DROPS = (
    _rate("drop_path", "Share of samples whose branch is dropped in training."),
    _rate("dropout", "Share dropped after attention and in the feed-forward layer."),
    _rate("attention_dropout", "Share of attention weights dropped in training."),
)
ENTRIES: tuple[Entry, ...] = (
    Entry(
        "TransformerEncoderBlock",
        "dl_techniques.layers.TransformerEncoderBlock",
        "layer",
        "transformer",
        "Attention and a feed-forward layer with residuals, parts to choose.",
        "Dosovitskiy et al. (2020), arXiv:2010.11929",
        accepts=("sequence",),
        aliases=("VisionTransformerLayer",),
        arguments=(
            count("num_heads", "Number of attention heads.", ui=(1, 16), high=None),
            _MLP,
            positive("mlp_ratio", 4.0, (0.5, 8), "That width in units of the input's."),
            _choice(
                "attention",
                "mha",
                ("mha", "gqa", "differential", "hopfield", "sparse", "adaptive"),
                "How positions are mixed.",
            ),
            _choice(
                "ffn",
                "mlp",
                (
                    "mlp",
                    "glu",
                    "geglu",
                    "reglu",
                    "bilinear",
                    "swiglu",
                    "gated_mlp",
                    "differential",
                    "power",
                ),
                "How features are mixed.",
            ),
            _choice(
                "norm",
                "layer",
                ("layer", "rms", "band_rms", "dynamic_tanh", "none"),
                "What keeps the scale.",
            ),
            _choice(
                "norm_position",
                "pre",
                ("pre", "post"),
                "Whether norms stand before the branches or after the sums.",
            ),
            activation("gelu"),
            _SCALE,
            *_DROPS,
            positive("epsilon", 1e-6, (1e-8, 1e-2), "Stabiliser of the norms."),
            _CAUSAL,
            seed(),
        ),
        example={"num_heads": 2, "mlp_dim": 8},
        look_at="How much each branch adds to its input, and the attention maps.",
    ),
    Entry(
        "DifferentialTransformerBlock",
        "dl_techniques.layers.DifferentialTransformerBlock",
        "layer",
        "transformer",
        "Attention by the difference of two maps, then a gated layer.",
        "Ye et al. (2024), arXiv:2410.05258",
        accepts=("sequence",),
        arguments=(
            count("num_heads", "Number of map pairs.", ui=(1, 8), high=None),
            Argument(
                "layer_index",
                "int",
                0,
                low=0,
                ui_low=0,
                ui_high=11,
                help="Depth of the block from 0: deeper ones subtract more.",
            ),
            _MLP,
            Argument(
                "use_rope",
                "bool",
                True,
                help="Whether queries and keys turn with their position.",
            ),
            _CAUSAL,
            _DROPS[1],
            _DROPS[0],
            positive("epsilon", 1e-5, (1e-8, 1e-2), "Stabiliser of the norms."),
            Argument(
                "num_kv_heads",
                "int",
                low=1,
                ui_low=1,
                ui_high=8,
                optional=True,
                help="Heads with keys of their own; empty: all.",
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
            _DROPS[2],
            _SCALE,
            seed(),
        ),
        example={"num_heads": 1},
        look_at="Lambda layer by layer, and how much each branch adds to its input.",
    ),
)
