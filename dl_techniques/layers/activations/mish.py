"""The Mish activation."""

from typing import Any

import keras

from dl_techniques.layers.activations.base import Elementwise


@keras.saving.register_keras_serializable(package="dl_techniques")  # type: ignore[untyped-decorator] # keras has no types
def mish(x: Any) -> Any:
    """Returns `x * tanh(softplus(x))`; see `Mish`."""
    return keras.activations.mish(x)


@keras.saving.register_keras_serializable(package="dl_techniques")
class Mish(Elementwise):
    """Lets small negative values through smoothly.

        y = x * tanh(softplus(x))

    The lowest value is about -0.3088, at x about -1.192; for large x the result is x.

    Source: Misra (2019), arXiv:1908.08681; `keras.activations.mish`.
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return mish(inputs)
