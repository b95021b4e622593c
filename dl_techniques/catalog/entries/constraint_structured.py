"""The library's constraints."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument


def _bound(name: str, text: str) -> Argument:
    return Argument(name, "float", None, optional=True, ui_low=-5, ui_high=5, help=text)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="ValueRangeConstraint",
        target="dl_techniques.constraints.ValueRangeConstraint",
        kind="constraint",
        family="structure",
        summary="Clips weights to a range after each update.",
        source="this project",
        arguments=(
            _bound("min_value", "Smallest weight; empty for none."),
            _bound("max_value", "Largest weight; empty for none."),
        ),
        example={"min_value": 0.0, "max_value": 1.0},
        look_at="the histogram of weights: spikes at the bounds",
    ),
    Entry(
        name="OrthonormalConstraint",
        target="dl_techniques.constraints.OrthonormalConstraint",
        kind="constraint",
        family="structure",
        summary="Moves a kernel towards an orthonormal one after each update.",
        source="Bjorck, Bowie (1971), SIAM J. Numer. Anal. 8(2)",
        arguments=(
            Argument(
                "iterations",
                "int",
                2,
                low=1,
                ui_low=1,
                ui_high=8,
                help="Correction steps after each update.",
            ),
            Argument(
                "view",
                "choice",
                "kernel",
                choices=("kernel", "depthwise"),
                help="How a kernel is seen as a matrix of vectors.",
            ),
        ),
        look_at="singular values: all near 1",
    ),
)
