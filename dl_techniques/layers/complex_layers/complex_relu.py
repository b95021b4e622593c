"""ReLU on both parts of a complex number."""

import keras
from keras import ops

from dl_techniques.layers.complex_layers.parts import Shape, half_width


@keras.saving.register_keras_serializable(package="dl_techniques")
class ComplexReLU(keras.layers.Layer):
    """Applies ReLU to real and imaginary part; turning the phase changes the result.

    Shapes:
        `(batch, ..., 2 C)`; unchanged.

    Raises:
        ValueError: At build, if the last axis is odd.

    Source: Trabelsi et al. (2018), arXiv:1705.09792, eq. 7.
    """

    def build(self, input_shape: Shape) -> None:
        self.supports_masking = True
        half_width(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return ops.relu(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)
