"""Losses and metrics of maps of distances."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument

_YANG = "Yang et al. (2024), arXiv:2401.10891"
_EIGEN = "Eigen, Puhrsch, Fergus (2014), arXiv:1406.2283"
_ALIGN = Argument(
    "align",
    "bool",
    False,
    help="Whether each map is first scaled and shifted to fit, as for losses that do "
    "not see scale and shift.",
)
ENTRIES: tuple[Entry, ...] = (
    Entry(
        "AffineInvariantLoss",
        "dl_techniques.losses.AffineInvariantLoss",
        "loss",
        "depth",
        "Mean error of maps after each has lost its own shift and scale.",
        f"{_YANG}, equations 1-3",
        tasks=("maps",),
        arguments=(
            Argument(
                "inverse_target",
                "bool",
                False,
                help="Compares with 1 / distance: larger numbers are then nearer.",
            ),
        ),
        look_at="the order of distances is learned, their unit is not",
    ),
    Entry(
        "FeatureAlignmentLoss",
        "dl_techniques.losses.FeatureAlignmentLoss",
        "loss",
        "depth",
        "Pulls features towards those of a fixed model until they are alike enough.",
        f"{_YANG}, equation 6",
        tasks=("features",),
        arguments=(
            Argument(
                "tolerance",
                "float",
                0.85,
                low=-1,
                low_open=True,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Cosine from which on a place is left alone.",
            ),
        ),
        look_at="the share of places that are alike enough",
    ),
    Entry(
        "AbsoluteRelativeError",
        "dl_techniques.metrics.AbsoluteRelativeError",
        "metric",
        "depth",
        "Mean error as a share of the true distance.",
        f"{_EIGEN}, section 4",
        tasks=("maps",),
        arguments=(_ALIGN,),
        look_at="0.1 is ten percent of the distance",
    ),
    Entry(
        "DepthAccuracy",
        "dl_techniques.metrics.DepthAccuracy",
        "metric",
        "depth",
        "Share of places whose distance is right up to a factor.",
        f"{_EIGEN}, section 4",
        tasks=("maps",),
        arguments=(
            Argument(
                "threshold",
                "float",
                1.25,
                low=1,
                low_open=True,
                ui_low=1.05,
                ui_high=2,
                step=0.05,
                help="The factor.",
            ),
            _ALIGN,
        ),
        look_at="1 is everywhere",
    ),
)
