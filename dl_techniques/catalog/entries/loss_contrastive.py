"""Losses and metrics over all image-text pairs of a batch."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import rate
from dl_techniques.utils.arguments import Argument

CLIP = "Radford et al. (2021), arXiv:2103.00020"
_TEMPERATURE = Argument(
    "temperature",
    "float",
    None,
    low=0,
    low_open=True,
    ui_low=0.01,
    ui_high=10,
    log=True,
    optional=True,
    help="Divides the logits; empty leaves them.",
)
_DIRECTIONS = ("mean", "i2t", "t2i")


def _weight(name: str, text: str) -> Argument:
    return Argument(
        name, "float", 0.5, low=0, ui_low=0, ui_high=1, step=0.05, help=text
    )


def _direction(default: str) -> Argument:
    return Argument(
        "direction",
        "choice",
        default,
        choices=_DIRECTIONS,
        help="From images to texts, from texts to images, or the mean of both.",
    )


def _count(name: str, default: int | None) -> Argument:
    return Argument(
        name,
        "int",
        default,
        low=1,
        ui_low=1,
        ui_high=20,
        required=default is None,
        help="How many guesses count.",
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="CLIPContrastiveLoss",
        target="dl_techniques.losses.CLIPContrastiveLoss",
        kind="loss",
        family="contrastive",
        summary="Every image must find its own text in the batch, and the other way.",
        source=f"{CLIP}, section 2.3",
        tasks=("pairs",),
        arguments=(
            _TEMPERATURE,
            rate(
                "Share of each target spread over the batch.",
                name="label_smoothing",
                default=0.0,
            ),
            _weight("loss_weight_i2t", "Weight of image to text."),
            _weight("loss_weight_t2i", "Weight of text to image."),
        ),
        look_at="retrieval accuracy and the learned scale",
    ),
    Entry(
        name="SigLIPLoss",
        target="dl_techniques.losses.SigLIPLoss",
        kind="loss",
        family="contrastive",
        summary="Each image-text pair of the batch is judged alone: own or not.",
        source="Zhai et al. (2023), arXiv:2303.15343",
        tasks=("pairs",),
        arguments=(_TEMPERATURE,),
        look_at="retrieval accuracy, and the batch size it needs",
    ),
    Entry(
        name="CLIPAccuracy",
        target="dl_techniques.metrics.CLIPAccuracy",
        kind="metric",
        family="contrastive",
        summary="Share of images and texts that find their partner in the batch.",
        source=CLIP,
        tasks=("pairs",),
        arguments=(_count("top_k", 1), _direction("mean")),
        look_at="how it falls with the batch size",
    ),
    Entry(
        name="CLIPRecallAtK",
        target="dl_techniques.metrics.CLIPRecallAtK",
        kind="metric",
        family="contrastive",
        summary="Share of images whose own text is among the k best of the batch.",
        source=CLIP,
        tasks=("pairs",),
        arguments=(_count("k", None), _direction("i2t")),
        example={"k": 5},
        look_at="how it grows with k",
    ),
)
