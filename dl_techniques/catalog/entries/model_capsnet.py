"""Capsule networks."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import variant
from dl_techniques.catalog.parts import count, initializer, positive
from dl_techniques.utils.arguments import Argument

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "CapsNet",
        "dl_techniques.models.CapsNet.classifier",
        "model",
        "capsules",
        "Classes as vectors whose length says how sure they are; parts vote.",
        "Sabour et al. (2017), arXiv:1710.09829",
        accepts=("image",),
        arguments=(
            variant("CapsNet"),
            count("conv_filters", "Filters of the first convolution.", default=256),
            count(
                "primary_capsules",
                "Capsules at every place.",
                ui=(1, 64),
                default=32,
            ),
            count("digit_dim", "Width of a class capsule.", ui=(2, 32), default=16),
            count("routing_iterations", "Rounds of voting.", ui=(1, 6), default=3),
            Argument(
                "reconstruction",
                "bool",
                False,
                help="Draw each image again from its capsule; wants pixels in [0, 1]: "
                "data that are not standardised.",
            ),
            positive(
                "reconstruction_weight",
                *(5e-4, (1e-5, 0.05)),
                "Weight of the drawing's squared error, summed over pixels.",
                low_open=False,
            ),
            initializer(
                "kernel_initializer", "glorot_uniform", "Start of every kernel."
            ),
        ),
        example={"variant": "lab8"},
        look_at="Routing couplings by round, and lengths under small shifts.",
        own_loss=True,
    ),
)
