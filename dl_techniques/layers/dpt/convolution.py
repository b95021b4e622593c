"""The convolutions of the dense prediction head."""

from typing import Any

import keras


def start() -> keras.initializers.Initializer:
    """Returns the start of a kernel: residual units add up, so less than He's."""
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def convolution(
    filters: int, size: int, name: str, policy: Any, **more: Any
) -> keras.layers.Conv2D:
    """Returns a convolution of stride 1 that keeps the size of the map."""
    return keras.layers.Conv2D(
        filters,
        size,
        padding="same",
        kernel_initializer=start(),
        dtype=policy,
        name=name,
        **more,
    )
