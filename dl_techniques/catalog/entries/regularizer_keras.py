"""Keras regularizers."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument


def _strength(name: str, default: float, text: str) -> Argument:
    return Argument(
        name,
        "float",
        default,
        low=0,
        high=1e6,
        ui_low=1e-6,
        ui_high=1,
        log=True,
        help=text,
    )


_L1 = "Weight of the sum of sizes: pushes weights to exactly zero."
_L2 = "Weight of the sum of squares: keeps weights small."


def _entry(
    name: str, summary: str, arguments: tuple[Argument, ...], watch: str
) -> Entry:
    return Entry(
        name=name,
        target=f"keras.regularizers.{name}",
        kind="regularizer",
        family="regularizers",
        summary=summary,
        arguments=arguments,
        look_at=watch,
        aliases=(name.lower(),) if name.startswith("L") else (),
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "L1",
        "Penalty on the size of weights; many become zero.",
        (_strength("l1", 0.01, _L1),),
        "the share of weights near zero",
    ),
    _entry(
        "L2",
        "Penalty on squared weights; all become smaller.",
        (_strength("l2", 0.01, _L2),),
        "weight norms and spectra",
    ),
    _entry(
        "L1L2",
        "Both penalties at once.",
        (_strength("l1", 0.0, _L1), _strength("l2", 0.0, _L2)),
        "weight histograms",
    ),
    _entry(
        "OrthogonalRegularizer",
        "Pushes the rows or columns of a matrix to be orthogonal.",
        (
            _strength("factor", 0.01, "Weight of the penalty."),
            Argument(
                "mode",
                "choice",
                "rows",
                choices=("rows", "columns"),
                help="What is made orthogonal.",
            ),
        ),
        "singular values: they come together",
    ),
)
