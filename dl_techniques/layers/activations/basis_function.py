"""The basis function of spline-like layers."""

import keras

from dl_techniques.layers.activations.base import Elementwise


@keras.saving.register_keras_serializable(package="dl_techniques")
class BasisFunction(Elementwise):
    """Applies silu under the name it has in spline-like layers.

        b(x) = x * sigmoid(x)

    Source: Qiu et al. (2024), arXiv:2412.13571; `keras.activations.silu`, which has a
    finite gradient for all finite x, unlike x / (1 + exp(-x)).
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return keras.activations.silu(inputs)
