"""Losses and metrics of maps that give every pixel a class.

One table: twelve losses of maps differ in a few arguments and share the rest.
"""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import positive
from dl_techniques.utils.arguments import Argument

LOVASZ = "Berman, Triki, Blaschko (2018), arXiv:1705.08790"
_PER_IMAGE = Argument(
    "per_image", "bool", True, help="One value an image, or one for the whole batch."
)
_BACKGROUND = Argument(
    "include_background", "bool", True, help="Whether class 0 counts in the mean."
)
_IGNORE = Argument(
    "ignore_index",
    "int",
    None,
    low=-(2**31),
    ui_low=-1,
    ui_high=255,
    optional=True,
    help="Pixels of this class number do not count; empty counts all.",
)
_SHARED = (
    _PER_IMAGE,
    Argument(
        "class_weights",
        "floats",
        None,
        low=0,
        optional=True,
        help="One weight a class; empty weighs all alike.",
    ),
    _BACKGROUND,
    _IGNORE,
)


def _amount(name: str, default: float, high: float, text: str) -> Argument:
    return Argument(
        name, "float", default, low=0, ui_low=0, ui_high=high, step=0.05, help=text
    )


_SMOOTH = _amount("smooth", 0.0, 1.0, "Added to both sides of the ratio.")
_ALPHA = _amount("alpha", 0.3, 1.0, "Weight of false alarms.")
_BETA = _amount("beta", 0.7, 1.0, "Weight of misses.")
_PARTS = (
    *("boundary", "cross_entropy", "dice", "focal", "focal_tversky"),
    *("generalized_dice", "hausdorff", "jaccard", "lovasz_hinge", "lovasz_softmax"),
    "tversky",
)


def _entry(
    name: str,
    summary: str,
    source: str,
    *arguments: Argument,
    watch: str = "the loss map and each class's Dice",
    **more: Any,
) -> Entry:
    return Entry(
        name=name,
        target=f"dl_techniques.losses.{name}",
        kind="loss",
        family="segmentation",
        summary=summary,
        source=source,
        tasks=("masks",),
        arguments=(*arguments, *_SHARED),
        look_at=watch,
        from_logits=True,
        **more,
    )


def _metric(name: str, summary: str, source: str) -> Entry:
    return Entry(
        name=name,
        target=f"dl_techniques.metrics.{name}",
        kind="metric",
        family="segmentation",
        summary=summary,
        source=source,
        tasks=("masks",),
        arguments=(
            Argument(
                "num_classes",
                "int",
                low=1,
                ui_low=1,
                ui_high=50,
                required=True,
                help="Number of channels.",
            ),
            _BACKGROUND,
            _IGNORE,
        ),
        example={"num_classes": 3},
        look_at="every class beside the mean",
        from_logits=True,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "SegmentationCrossEntropy",
        "Cross-entropy of every pixel.",
        "Keras; class weights as in PyTorch",
    ),
    _entry(
        "CategoricalFocalLoss",
        "Cross-entropy that looks away from pixels already learned.",
        "Lin et al. (2017), arXiv:1708.02002",
        _amount("gamma", 2.0, 5.0, "How far easy pixels are ignored."),
        Argument(
            "alpha",
            "floats",
            None,
            low=0,
            optional=True,
            help="Weight of the loss, one number or one a class.",
        ),
    ),
    _entry(
        "DiceLoss",
        "One minus the overlap of target and prediction.",
        "Milletari, Navab, Ahmadi (2016), arXiv:1606.04797",
        _SMOOTH,
    ),
    _entry(
        "JaccardLoss",
        "One minus intersection over union.",
        "Rahman & Wang (2016), doi:10.1007/978-3-319-50835-1_22",
        _SMOOTH,
    ),
    _entry(
        "TverskyLoss",
        "Overlap that weighs false alarms and misses apart.",
        "Salehi, Erdogmus, Gholipour (2017), arXiv:1706.05721",
        _ALPHA,
        _BETA,
        _SMOOTH,
    ),
    _entry(
        "FocalTverskyLoss",
        "Tversky loss bent towards classes that are nearly right.",
        "Abraham & Khan (2019), arXiv:1810.07842",
        _ALPHA,
        _BETA,
        positive("gamma", 0.75, (0.3, 3), "Below 1 hard classes keep their pull."),
        _SMOOTH,
    ),
    _entry(
        "GeneralizedDiceLoss",
        "Dice over all classes at once, small ones weighed up.",
        "Sudre et al. (2017), arXiv:1707.03237",
        _SMOOTH,
    ),
    _entry(
        "LovaszSoftmaxLoss",
        "A smooth form of one minus intersection over union.",
        f"{LOVASZ}, algorithm 1",
        Argument(
            "classes",
            "choice",
            "present",
            choices=("present", "all"),
            help="Average the classes in the target, or all.",
        ),
    ),
    _entry(
        "LovaszHingeLoss",
        "The same for one class against the rest, from logits.",
        f"{LOVASZ}, section 2.2",
    ),
    _entry(
        "BoundaryLoss",
        "Weighs predictions with their distance to the edge; add a Dice loss.",
        "Kervadec et al. (2019), arXiv:1812.07032",
        watch="the distance map under the prediction",
    ),
    _entry(
        "HausdorffDTLoss",
        "Errors far from an edge weigh more; add a Dice loss.",
        "Karimi & Salcudean (2019), arXiv:1904.10030",
        positive("alpha", 2.0, (0.5, 4), "Power of the distance."),
        watch="the distance map under the prediction",
    ),
    _entry(
        "ComboLoss",
        "A weighted sum of segmentation losses.",
        "Taghanaki et al. (2019), arXiv:1805.02798",
        Argument(
            "losses",
            "choices",
            None,
            choices=_PARTS,
            optional=True,
            help="What is added; empty is Dice and cross-entropy.",
        ),
        Argument(
            "weights",
            "floats",
            None,
            low=0,
            optional=True,
            help="One number a loss; empty averages them.",
        ),
    ),
    _metric(
        "SegmentationIoU", "Intersection over union of the classes.", "Keras' MeanIoU"
    ),
    _metric("SegmentationDice", "Dice overlap of the classes.", "Dice (1945), Ecology"),
    Entry(
        name="ClusteringLoss",
        target="dl_techniques.losses.ClusteringLoss",
        kind="loss",
        family="clustering",
        summary="Pulls samples to soft clusters and keeps the clusters balanced.",
        source="this project",
        tasks=("clusters",),
        arguments=(
            _amount("distance_weight", 1.0, 2.0, "Weight of the distances."),
            _amount("distribution_weight", 0.5, 2.0, "Weight of the balance."),
            Argument(
                "balance",
                "choice",
                "kl",
                choices=("kl", "mse"),
                help="How far from even: divergence or squared differences.",
            ),
        ),
        look_at="samples with centres and cells",
    ),
)
