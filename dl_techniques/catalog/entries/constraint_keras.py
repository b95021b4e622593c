"""Keras constraints."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument

_AXIS = Argument(
    "axis",
    "ints",
    0,
    low=-4,
    high=4,
    help="Axes along which a norm is taken: 0 for Dense, 0, 1, 2 for Conv2D.",
)


def _entry(
    name: str, summary: str, arguments: tuple[Argument, ...], alias: str
) -> Entry:
    return Entry(
        name=name,
        target=f"keras.constraints.{name}",
        kind="constraint",
        family="constraints",
        summary=summary,
        arguments=arguments,
        look_at="weight norms",
        aliases=(alias,),
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "MaxNorm",
        "Shortens weight vectors that are too long.",
        (
            Argument(
                "max_value",
                "float",
                2,
                low=0,
                high=1e6,
                low_open=True,
                ui_low=0.1,
                ui_high=10,
                help="Longest norm allowed.",
            ),
            _AXIS,
        ),
        "max_norm",
    ),
    _entry("NonNeg", "Sets negative weights to zero.", (), "non_neg"),
    _entry("UnitNorm", "Scales weight vectors to length 1.", (_AXIS,), "unit_norm"),
)
