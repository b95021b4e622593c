"""Baselines, of convolutions, for phones and of attention."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import image_model

ENTRIES: tuple[Entry, ...] = (
    image_model(
        "ResNet",
        "convolutional networks",
        "Blocks whose branch is added to their input: the plain baseline.",
        "He et al. (2016), arXiv:1512.03385",
        "How fast it fits beside any other model of its size.",
    ),
    image_model(
        "MobileNetV4",
        "convolutional networks",
        "Universal inverted bottlenecks for phones, with attention in the hybrids.",
        "Qin et al. (2024), arXiv:2404.10518",
        "Kind, kernels and cost of each block; depthwise kernels.",
        example={"variant": "lab28"},
    ),
    image_model(
        "ViT",
        "transformers",
        "A transformer over the patches of an image.",
        "Dosovitskiy et al. (2021), arXiv:2010.11929",
        "Attention of the class token, likeness of positions, patch filters.",
    ),
)
