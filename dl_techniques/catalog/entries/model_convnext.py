"""ConvNeXt models."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import image_model

ENTRIES: tuple[Entry, ...] = (
    image_model(
        "ConvNextV1",
        "convolutional networks",
        "A convolutional network in the proportions of a transformer.",
        "Liu et al. (2022), arXiv:2201.03545",
        "Depthwise kernels of each stage, gamma of each block, pyramid maps.",
        aliases=("ConvNeXtV1",),
    ),
    image_model(
        "ConvNextV2",
        "convolutional networks",
        "ConvNeXt whose channels compete inside each block.",
        "Woo et al. (2023), arXiv:2301.00808",
        "Gamma and beta of the response norms; how many channels stay silent.",
        aliases=("ConvNeXtV2",),
    ),
)
