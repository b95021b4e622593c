"""Classification metrics as losses."""

from dl_techniques.catalog.entry import Entry, Task
from dl_techniques.catalog.parts import positive
from dl_techniques.utils.arguments import Argument

FAMILY = "any loss"
_SOURCE = "Han, Moniz, Chawla 2024, arXiv:2405.14745"
_TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel")
_SCORES = (
    "accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "fbeta",
    "balanced_accuracy",
    "geometric_mean",
    "youden_j",
    "mcc",
    "cohen_kappa",
    "iou",
)
_COMMON = (
    positive(
        "amplifying_scale",
        73.0,
        (10, 73),
        "How steeply probabilities are pushed to 0 or 1.",
    ),
    Argument(
        "average",
        "choice",
        "macro",
        choices=("macro", "micro", "weighted"),
        help="How the classes' scores are put together; macro counts each the same.",
    ),
    Argument(
        "multiclass",
        "choice",
        "softmax",
        choices=("softmax", "sigmoid"),
        help="Softmax pushes to the likeliest class; sigmoid starts without a slope.",
    ),
    Argument(
        "ce_weight",
        "float",
        0.0,
        low=0,
        ui_low=0,
        ui_high=1,
        step=0.05,
        help="Cross-entropy added; 0.1 revives answers that are certain and wrong.",
    ),
)


def _entry(
    name: str, summary: str, *own: Argument, look_at: str = "", **example: object
) -> Entry:
    return Entry(
        name=name,
        target=f"dl_techniques.losses.{name}",
        kind="loss",
        family=FAMILY,
        summary=summary,
        source=_SOURCE,
        tasks=_TASKS,
        arguments=(*own, *_COMMON),
        example=example,
        look_at=look_at or "the soft metric beside the hard one",
        from_logits=True,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry("F1Loss", "One minus F1: made for rare classes."),
    _entry(
        "FBetaLoss",
        "One minus F-beta: recall weighs beta times as much as precision.",
        positive("beta", 1.0, (0.25, 4), "How much recall counts against precision."),
        beta=2.0,
    ),
    _entry("AccuracyLoss", "One minus accuracy."),
    _entry("PrecisionLoss", "One minus precision: punishes false alarms."),
    _entry("RecallLoss", "One minus recall: punishes what is missed."),
    _entry("SpecificityLoss", "One minus the share of negatives left in peace."),
    _entry(
        "BalancedAccuracyLoss",
        "One minus the mean recall of the classes, rare ones included.",
        look_at="recall of the rarest class",
    ),
    _entry("GeometricMeanLoss", "One minus the root of recall times specificity."),
    _entry("YoudenJLoss", "One minus recall plus specificity minus one."),
    _entry("MCCLoss", "One minus Matthews' correlation of answer and truth."),
    _entry("CohenKappaLoss", "One minus kappa: agreement beyond chance."),
    _entry("IoULoss", "One minus intersection over union."),
    _entry(
        "WeightedAnyLoss",
        "One minus the weighted mean of several metrics.",
        Argument(
            "weights",
            "weights",
            low=0,
            choices=_SCORES,
            required=True,
            help="Weight of each metric, not all 0.",
        ),
        weights={"f1": 1.0, "mcc": 1.0},
    ),
    Entry(
        name="WeightedCrossEntropyWithAnyLoss",
        target="dl_techniques.losses.WeightedCrossEntropyWithAnyLoss",
        kind="loss",
        family="mixtures",
        summary="A metric as loss, mixed with cross-entropy.",
        source=_SOURCE,
        tasks=_TASKS,
        arguments=(
            Argument(
                "anyloss",
                "component",
                choices=("loss", FAMILY),
                required=True,
                help="The metric's loss.",
            ),
            Argument(
                "alpha",
                "float",
                0.5,
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Share of the metric; 0 is cross-entropy alone.",
            ),
        ),
        example={"anyloss": "F1Loss", "alpha": 0.5},
        look_at="how early training starts, against the metric alone",
        from_logits=True,
    ),
)
