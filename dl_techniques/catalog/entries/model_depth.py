"""Models that tell how far away things are."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import variant
from dl_techniques.catalog.parts import count, positive
from dl_techniques.utils.arguments import Argument

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "DepthAnything",
        "dl_techniques.models.DepthAnything.from_variant",
        "model",
        "depth",
        "A transformer read at four depths, fused into a map of distances.",
        "Yang et al. (2024), arXiv:2401.10891 and arXiv:2406.09414",
        accepts=("image",),
        tasks=("maps",),
        arguments=(
            variant("DepthAnything"),
            Argument(
                "depth_type",
                "choice",
                "relative",
                choices=("relative", "metric"),
                help="Relative ends at 0, metric also at the largest depth.",
            ),
            positive(
                "max_depth",
                1.0,
                (1.0, 100.0),
                "Largest metric depth; scales relative ones too.",
            ),
            count("head_filters", "Channels before the last layer.", default=32),
            Argument(
                "weights",
                "choice",
                None,
                choices=("relative",),
                optional=True,
                help="Public weights from the hub's cache, for the large variants; "
                "empty starts untrained.",
            ),
        ),
        example={"variant": "lab"},
        look_at="Edges of things in the depth, and whether far things stay far.",
    ),
)
