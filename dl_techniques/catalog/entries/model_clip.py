"""Models of images and texts."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import variant
from dl_techniques.catalog.parts import count, rate
from dl_techniques.utils.arguments import Argument

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "CLIP",
        "dl_techniques.models.CLIP.from_variant",
        "model",
        "images and texts",
        "Two towers that put an image and its caption at one place.",
        "Radford et al. (2021), arXiv:2103.00020",
        accepts=("pairs",),
        tasks=("pairs",),
        arguments=(
            variant("CLIP"),
            count("embed_dim", "Width of the common space.", ui=(4, 128), default=512),
            Argument(
                "vision_rope",
                "choice",
                "1d",
                choices=("1d", "2d"),
                help="Whether patches know their place in the row of all patches, or "
                "their row and column.",
            ),
            rate("Each branch's output dropped.", name="dropout", default=0.0),
            rate("Attention weights dropped.", name="attention_dropout", default=0.0),
            rate(
                "Share of samples that skip the last block in training; less before.",
                name="drop_path_rate",
                default=0.1,
            ),
            Argument(
                "logit_scale_init",
                "float",
                2.6592,
                low=0,
                high=4.6052,
                ui_low=0,
                ui_high=4.6,
                step=0.1,
                help="Logarithm of the first factor of the cosines; it is learned.",
            ),
        ),
        example={"variant": "lab8"},
        look_at="The picture of similarities: its diagonal are the true pairs.",
        own_loss=True,
    ),
)
