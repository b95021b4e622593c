"""Cross-entropy with a second aim: entropy, information, length of the logits."""

from dl_techniques.catalog.entry import Entry, Task
from dl_techniques.catalog.parts import positive, rate
from dl_techniques.utils.arguments import Argument

_TASKS: tuple[Task, ...] = ("binary", "multiclass")


def _weight(name: str, default: float, ui_high: float, text: str) -> Argument:
    return Argument(
        name,
        "float",
        default,
        low=0,
        ui_low=0,
        ui_high=ui_high,
        step=ui_high / 20,
        help=text,
    )


def _epsilon(default: float) -> Argument:
    return positive(
        "epsilon",
        default,
        (1e-8, 1e-3),
        "Smallest number that is told from 0.",
        high=0.1,
        high_open=True,
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="GoodhartAwareLoss",
        target="dl_techniques.losses.GoodhartAwareLoss",
        kind="loss",
        family="information",
        summary="Cross-entropy that rewards doubt and charges what answers give away.",
        source="Pereyra et al. 2017, arXiv:1701.06548; Tishby et al. 2000, "
        "arXiv:physics/0004057",
        tasks=_TASKS,
        arguments=(
            rate(
                "Share of each target spread over all classes.",
                name="label_smoothing",
                default=0.0,
            ),
            _weight("entropy_weight", 0.1, 1, "Reward of uncertain answers."),
            _weight(
                "mi_weight", 0.01, 0.2, "Charge for answers that depend on inputs."
            ),
            _epsilon(1e-8),
        ),
        look_at="the three terms, and the reliability diagram beside cross-entropy's",
        from_logits=True,
    ),
    Entry(
        name="ConfidencePenaltyLoss",
        target="dl_techniques.losses.ConfidencePenaltyLoss",
        kind="loss",
        family="information",
        summary="Cross-entropy minus the entropy of the answer.",
        source="Pereyra et al. 2017, arXiv:1701.06548",
        tasks=_TASKS,
        arguments=(
            _weight("beta", 0.1, 1, "Reward of uncertain answers."),
            Argument(
                "threshold",
                "float",
                None,
                low=0,
                ui_low=0,
                ui_high=2,
                step=0.1,
                optional=True,
                help="Entropy in nats from which on nothing is gained.",
            ),
        ),
        look_at="mean confidence beside accuracy in the reliability diagram",
        from_logits=True,
    ),
    Entry(
        name="LogitNormLoss",
        target="dl_techniques.losses.LogitNormLoss",
        kind="loss",
        family="information",
        summary="Cross-entropy of logits divided by their length.",
        source="Wei et al. 2022, arXiv:2205.09310",
        tasks=_TASKS,
        arguments=(
            positive(
                "temperature",
                0.04,
                (0.01, 1),
                "How far certainty may go; large forbids confident answers.",
            ),
            _epsilon(1e-7),
        ),
        look_at="confidence: lengths of logits no longer lower the loss",
    ),
)
