"""Losses of stated probabilities."""

from dl_techniques.catalog.entry import Entry, Task
from dl_techniques.utils.arguments import Argument

_TASKS: tuple[Task, ...] = ("binary", "multiclass")
_SUM = Argument(
    "multiclass_sum",
    "bool",
    True,
    help="Whether the classes' errors are added or averaged.",
)
_WEIGHTING = Argument(
    "weighting",
    "choice",
    "spiegelhalter",
    choices=("spiegelhalter", "in_the_large"),
    help="In the large compares only the mean probability with the base rate.",
)
ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="BrierScoreLoss",
        target="dl_techniques.losses.BrierScoreLoss",
        kind="loss",
        family="calibration",
        summary="Squared error of the probabilities: a proper, bounded score.",
        source="Brier 1950, Monthly Weather Review 78",
        tasks=_TASKS,
        arguments=(_SUM,),
        look_at="reliability diagram beside cross-entropy's",
        from_logits=True,
    ),
    Entry(
        name="SpiegelhalterZLoss",
        target="dl_techniques.losses.SpiegelhalterZLoss",
        kind="loss",
        family="calibration",
        summary="Square of the z that tests calibration; learns nothing alone.",
        source="Spiegelhalter 1986, Statistics in Medicine 5",
        tasks=_TASKS,
        arguments=(
            Argument("use_squared", "bool", True, help="Z squared, or its size."),
            _WEIGHTING,
        ),
        look_at="accuracy: a constant answer already has Z = 0",
        from_logits=True,
    ),
    Entry(
        name="CombinedCalibrationLoss",
        target="dl_techniques.losses.CombinedCalibrationLoss",
        kind="loss",
        family="calibration",
        summary="Brier score plus Z squared over the batch size.",
        source="Brier 1950, Monthly Weather Review 78; Spiegelhalter 1986, "
        "Statistics in Medicine 5",
        tasks=_TASKS,
        arguments=(
            Argument(
                "alpha",
                "float",
                0.5,
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Share of the Brier score.",
            ),
            _WEIGHTING,
        ),
        look_at="Z between -1.96 and 1.96, and the Brier score",
        from_logits=True,
    ),
)
