"""Feed-forward and gated layers.

One table, read entry by entry: nothing in it depends on what stands above.
"""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    positive,
    rate,
    regularizer,
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


def _epsilon(default: float) -> Argument:
    text = "Stabiliser of the normalisations."
    return positive("epsilon", default, (1e-8, 1e-2), text)


_HIDDEN = _width("hidden_dim", "Width of the hidden layer.")
_OUTPUT = _width(
    "output_dim", "Width of the output; empty keeps the input's.", required=False
)
_DROPOUT = rate("Share of values dropped in training.", name="dropout", default=0.0)
_BIAS_OFF = Argument("use_bias", "bool", False, help="Whether an offset is added.")
_SPATIAL = (
    Argument(
        "spatial_init",
        "float",
        1e-6,
        low=0,
        ui_low=1e-6,
        ui_high=1e-1,
        log=True,
        help="Spread of the mixing matrix at the start.",
    ),
    Argument("causal", "bool", False, help="Whether tokens see earlier ones only."),
)
_POWER = Argument("k", "int", 3, low=1, ui_low=1, ui_high=4, help="The power.")
_BASIS = Argument("use_basis", "bool", True, help="Whether the silu path exists.")
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
    _ffn(
        "GatedMLP",
        "gMLP block: tokens are mixed by a learned matrix that gates the channels.",
        "Liu et al. (2021), arXiv:2105.08050",
        accepts=("sequence", "image"),
        arguments=(
            _width("hidden_dim", "Inner width, even; empty is 4 D.", required=False),
            activation("gelu"),
            *_SPATIAL,
            Argument("use_norm", "bool", True, help="Whether it starts with a norm."),
            Argument("residual", "bool", True, help="Whether the input is added."),
            _DROPOUT,
            _epsilon(1e-6),
            Argument(
                "sgu_epsilon",
                "float",
                low=0,
                low_open=True,
                ui_low=1e-8,
                ui_high=1e-3,
                log=True,
                optional=True,
                help="Stabiliser of the gate's own norm; empty: the same.",
            ),
            use_bias(),
            seed(),
            *weights(),
        ),
        example={"hidden_dim": 8},
        look_at="The mixing matrix as an image, row by row.",
    ),
    _ffn(
        "SpatialGatingUnit",
        "Gates one half of the channels by the other, mixed along the tokens.",
        "Liu et al. (2021), arXiv:2105.08050",
        accepts=("sequence",),
        arguments=(_SPATIAL[1], _SPATIAL[0], _epsilon(1e-6)),
        look_at="The mixing matrix as an image, row by row.",
    ),
    _ffn(
        "ConvGatedMLP",
        "Two activated 1 x 1 convolutions, multiplied and projected.",
        "The project's own",
        accepts=("image",),
        arguments=(
            _width("filters", "Channels of the output."),
            activation("relu"),
            activation("linear", "output_activation"),
            use_bias(),
            Argument(
                "data_format",
                "choice",
                choices=("channels_last", "channels_first"),
                optional=True,
                help="Order of the axes; empty follows Keras.",
            ),
            *weights(),
        ),
        example={"filters": 4},
        look_at="Histograms of both branches.",
    ),
    _ffn(
        "DifferentialFFN",
        "An excitatory and an inhibitory path whose gates are subtracted.",
        "The project's own",
        arguments=(
            _HIDDEN,
            _OUTPUT,
            activation("gelu", "branch_activation"),
            activation("sigmoid", "gate_activation"),
            _width("gate_dim", "Width of the gates; empty: half.", required=False),
            Argument("branch_norm", "bool", True, help="Whether paths are normalised."),
            positive(
                "gate_temperature", 1.0, (0.1, 5), "Small values make gates binary."
            ),
            Argument(
                "share_branch",
                "bool",
                False,
                help="Whether both paths share their first layer.",
            ),
            Argument(
                "use_diff", "bool", True, help="Whether the negative path exists."
            ),
            Argument(
                "return_diff",
                "bool",
                False,
                help="Whether the difference is returned too.",
            ),
            _epsilon(1e-3),
            _DROPOUT,
            use_bias(),
            regularizer(
                "kernel_regularizer", "Penalty on kernels; try a soft orthonormal one."
            ),
            seed(),
            *(a for a in weights() if a.name != "kernel_regularizer"),
        ),
        example={"hidden_dim": 8},
        look_at="Histograms of both gates and of their difference.",
    ),
    _ffn(
        "PowerMLPLayer",
        "Powers of rectified projections plus a silu path.",
        "Qiu et al. (2024), arXiv:2412.13571",
        arguments=(
            _width("units", "Width of the output."),
            _POWER,
            _BASIS,
            use_bias(),
            *weights(),
        ),
        example={"units": 8, "k": 2},
        look_at="Spread of the powers: it explodes with depth for k of 3 or more.",
    ),
    _ffn(
        "PowerMLP",
        "A spline-like network of rectifier powers at the cost of an MLP.",
        "Qiu et al. (2024), arXiv:2412.13571",
        arguments=(
            Argument(
                "hidden_units",
                "ints",
                low=1,
                ui_low=4,
                ui_high=128,
                required=True,
                help="Widths of the layers, the last one of the output.",
            ),
            _POWER,
            Argument(
                "norm",
                "choice",
                choices=("layer", "rms"),
                optional=True,
                help="Normalisation between layers; needed for deep stacks.",
            ),
            activation(None, "output_activation"),
            _BASIS,
            use_bias(),
            *weights(),
        ),
        example={"hidden_units": [8, 4], "k": 2, "norm": "rms"},
        look_at="Standard deviation of each layer on a logarithmic axis.",
    ),
)
