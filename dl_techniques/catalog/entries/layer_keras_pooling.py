"""Keras pooling."""

from dl_techniques.catalog.entry import Entry, Input
from dl_techniques.utils.arguments import Argument

_WHERE: dict[str, tuple[Input, str]] = {
    "1D": ("sequence", "time"),
    "2D": ("image", "space"),
}


def _pool(how: str, rank: str) -> Entry:
    kind, place = _WHERE[rank]
    default = {"Max1D": 2, "Max2D": (2, 2)}.get(how + rank)
    verb = "largest value" if how == "Max" else "mean"
    return Entry(
        name=f"{how}Pooling{rank}",
        target=f"keras.layers.{how}Pooling{rank}",
        kind="layer",
        family="pooling",
        summary=f"Keeps the {verb} of each window over {place}.",
        accepts=(kind,),
        arguments=(
            Argument(
                "pool_size",
                "ints",
                default,
                low=1,
                high=1024,
                ui_low=2,
                ui_high=4,
                required=default is None,
                help="Side of the window; 2 halves the size.",
            ),
            Argument(
                "strides",
                "ints",
                None,
                low=1,
                high=1024,
                ui_low=1,
                ui_high=4,
                optional=True,
                help="Steps between windows; empty means the window's side.",
            ),
            Argument(
                "padding",
                "choice",
                "valid",
                choices=("valid", "same"),
                help="same pads the border, valid drops what does not fit.",
            ),
        ),
        example={"pool_size": 2},
    )


def _global(how: str, rank: str) -> Entry:
    kind, place = _WHERE[rank]
    verb = "largest value" if how == "Max" else "mean"
    return Entry(
        name=f"Global{how}Pooling{rank}",
        target=f"keras.layers.Global{how}Pooling{rank}",
        kind="layer",
        family="pooling",
        summary=f"Keeps the {verb} of each channel over all of {place}.",
        accepts=(kind,),
        returns="vector",
    )


ENTRIES: tuple[Entry, ...] = (
    *(_pool(how, rank) for how in ("Max", "Average") for rank in _WHERE),
    *(_global(how, rank) for how in ("Max", "Average") for rank in _WHERE),
)
