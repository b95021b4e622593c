"""ConvNeXt models."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import classifier, variant

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "ConvNextV1",
        "dl_techniques.models.ConvNextV1.from_variant",
        "model",
        "convolutional networks",
        "A convolutional network in the proportions of a transformer.",
        "Liu et al. (2022), arXiv:2201.03545",
        accepts=("image",),
        arguments=(variant("ConvNextV1"), *classifier()),
        example={"variant": "lab8"},
        look_at="Depthwise kernels of each stage, gamma of each block, pyramid maps.",
        aliases=("ConvNeXtV1",),
    ),
)
