"""The library's initializers."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument

_SEED = Argument(
    "seed",
    "int",
    None,
    low=0,
    ui_low=0,
    ui_high=100,
    optional=True,
    help="Same number, same weights; empty gives new ones each time.",
)


def _positive(name: str, text: str, *, zero: bool = False) -> Argument:
    return Argument(
        name,
        "float",
        1.0,
        low=0,
        low_open=not zero,
        ui_low=0.1,
        ui_high=5,
        help=text,
    )


def _entry(
    name: str, summary: str, source: str, arguments: tuple[Argument, ...], watch: str
) -> Entry:
    return Entry(
        name=name,
        target=f"dl_techniques.initializers.{name}",
        kind="initializer",
        family="structure",
        summary=summary,
        source=source,
        arguments=arguments,
        look_at=watch,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "OrthonormalInitializer",
        "Starts a kernel with orthogonal vectors of equal length.",
        "Saxe, McClelland, Ganguli (2014), arXiv:1312.6120",
        (
            _positive("gain", "Length of the vectors.", zero=True),
            _SEED,
            Argument(
                "view",
                "choice",
                "kernel",
                choices=("kernel", "depthwise"),
                help="How a kernel is seen as a matrix of vectors.",
            ),
        ),
        "singular values at the start: all equal",
    ),
    _entry(
        "HeOrthonormalInitializer",
        "Orthogonal vectors with the size that suits ReLU networks.",
        "He et al. (2015), arXiv:1502.01852; Saxe et al. (2014), arXiv:1312.6120",
        (
            _SEED,
            Argument(
                "he_gain", "bool", True, help="Scale for ReLU; off keeps length 1."
            ),
        ),
        "the size of activations from layer to layer",
    ),
    _entry(
        "OrthogonalHypersphereInitializer",
        "Vectors of one length, orthogonal when they fit.",
        "this project",
        (_positive("radius", "Length of every vector."), _SEED),
        "cosines between the vectors",
    ),
    _entry(
        "HaarWaveletInitializer",
        "Fills a 2 x 2 depthwise kernel with the four Haar filters.",
        "Haar (1910), Mathematische Annalen 69",
        (_positive("scale", "Factor on the filters."),),
        "the four filters and what they answer to",
    ),
)
