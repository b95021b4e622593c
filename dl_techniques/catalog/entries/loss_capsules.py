"""Losses and metrics that read the output of one kind of layer."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import count
from dl_techniques.utils.arguments import Argument

SABOUR = "Sabour, Frosst, Hinton (2017), arXiv:1710.09829"


def _length(name: str, default: float, text: str, *, low_open: bool) -> Argument:
    return Argument(
        name,
        "float",
        default,
        low=0,
        high=1,
        low_open=low_open,
        high_open=not low_open,
        ui_low=0.05,
        ui_high=0.95,
        step=0.05,
        help=text,
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="CapsuleMarginLoss",
        target="dl_techniques.losses.CapsuleMarginLoss",
        kind="loss",
        family="capsules",
        summary="Wants the true class's capsule long and all others short.",
        source=f"{SABOUR}, eq. 4",
        tasks=("binary", "multiclass"),
        after=("CapsuleLength",),
        arguments=(
            _length("m_plus", 0.9, "Length that is long enough.", low_open=True),
            _length("m_minus", 0.1, "Length that is short enough.", low_open=False),
            Argument(
                "downweight",
                "float",
                0.5,
                low=0,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Weight of the absent classes.",
            ),
        ),
        look_at="the lengths of the capsules",
    ),
    Entry(
        name="MDNLoss",
        target="dl_techniques.losses.MDNLoss",
        kind="loss",
        family="density",
        summary="How unlikely the targets are under the predicted mixtures.",
        source="Bishop (1994), Mixture density networks, NCRG/94/004",
        tasks=("density",),
        after=("MDNLayer",),
        arguments=(
            count("num_mixtures", "Gaussians, as in the layer.", ui=(1, 20), high=None),
            count("output_dimension", "Targets, as in the layer.", high=None),
        ),
        example={"num_mixtures": 3, "output_dimension": 1},
        look_at="the predicted density over the data",
    ),
    Entry(
        name="CapsuleAccuracy",
        target="dl_techniques.metrics.CapsuleAccuracy",
        kind="metric",
        family="capsules",
        summary="Share of samples whose longest capsule is the true class's.",
        source=SABOUR,
        tasks=("binary", "multiclass"),
        after=("CapsuleLength",),
        look_at="the confusion matrix",
    ),
)
