"""Keras metrics beyond those every run reports."""

from dl_techniques.catalog.entry import Entry, Task
from dl_techniques.utils.arguments import Argument


def _entry(
    name: str,
    summary: str,
    tasks: tuple[Task, ...],
    arguments: tuple[Argument, ...] = (),
) -> Entry:
    return Entry(
        name=name,
        target=f"keras.metrics.{name}",
        kind="metric",
        family="metrics",
        summary=summary,
        tasks=tasks,
        arguments=arguments,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "SparseTopKCategoricalAccuracy",
        "Share of samples whose class is among the k most likely.",
        ("multiclass",),
        (
            Argument(
                "k",
                "int",
                5,
                low=1,
                high=1000,
                ui_low=1,
                ui_high=10,
                help="How many guesses count.",
            ),
        ),
    ),
    _entry("MeanSquaredError", "Mean of squared errors.", ("regression", "maps")),
    _entry(
        "RootMeanSquaredError",
        "Root of the mean squared error, in the target's unit.",
        ("regression", "maps"),
    ),
    _entry(
        "R2Score",
        "Share of the target's variance explained; 1 is perfect.",
        ("regression",),
    ),
)
