"""The blocks of MobileNetV4."""

from dl_techniques.catalog import parts
from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import activation, rate, regularizer
from dl_techniques.utils.arguments import Argument

_SOURCE = "Qin et al. (2024), ECCV, arXiv:2404.10518"
_PATH = rate(
    "Share of samples that skip the branch in training.",
    name="drop_path_rate",
    default=0.0,
)


def _count(name: str, default: int, ui: tuple[int, int], text: str) -> Argument:
    return parts.count(name, text, ui=ui, high=None, default=default)


def _kernel(name: str, default: int, where: str) -> Argument:
    return Argument(
        name,
        "int",
        default,
        low=0,
        ui_low=0,
        ui_high=7,
        help=f"Depthwise kernel {where}; 0 is none.",
    )


def _gamma(default: float | None) -> Argument:
    return Argument(
        "layer_scale_init",
        "float",
        default,
        low=0,
        ui_low=0,
        ui_high=1,
        optional=True,
        help="Start of the gain of each channel; empty is no gain.",
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "UniversalInvertedBottleneck",
        "dl_techniques.layers.UniversalInvertedBottleneck",
        "layer",
        "convolution",
        "Widens, mixes and narrows, with depthwise kernels where you put them.",
        f"{_SOURCE}, section 3",
        accepts=("image",),
        arguments=(
            parts.count("filters", "Output channels.", ui=(1, 256), high=None),
            Argument(
                "expansion_ratio",
                "float",
                4.0,
                low=0,
                low_open=True,
                ui_low=1,
                ui_high=6,
                step=0.5,
                help="Width inside relative to the input.",
            ),
            _kernel("start_kernel", 0, "before the widening"),
            _kernel("mid_kernel", 3, "at full width"),
            _kernel("end_kernel", 0, "after the projection"),
            _count("strides", 1, (1, 2), "Step; needs a depthwise kernel."),
            activation("relu"),
            _gamma(None),
            _PATH,
            regularizer("kernel_regularizer", "Penalty on every kernel."),
        ),
        example={"filters": 8},
        look_at="Which kind of block it is, its depthwise kernels and its cost.",
        aliases=("UIB",),
    ),
    Entry(
        "MobileMQA",
        "dl_techniques.layers.MobileMQA",
        "layer",
        "attention",
        "Attention over an image whose heads share one set of keys and values.",
        f"{_SOURCE}, section 3.2",
        accepts=("image",),
        arguments=(
            _count("num_heads", 8, (1, 16), "Number of query heads."),
            _count("key_dim", 64, (4, 128), "Width of a query and of the keys."),
            Argument(
                "value_dim",
                "int",
                None,
                low=1,
                ui_low=4,
                ui_high=128,
                optional=True,
                help="Width of the values; empty is that of the keys.",
            ),
            _count("kv_stride", 1, (1, 4), "Step that thins keys and values."),
            _count("query_stride", 1, (1, 4), "Step that averages the queries."),
            _count("dw_kernel", 3, (1, 7), "Side of the thinning convolution."),
            Argument(
                "norm_position",
                "choice",
                "pre",
                choices=("pre", "post"),
                help="Whether the input or the branch's output is normed.",
            ),
            _gamma(1e-5),
            _PATH,
        ),
        example={"num_heads": 2, "key_dim": 4},
        look_at="The weights of each head over the picture.",
    ),
)
