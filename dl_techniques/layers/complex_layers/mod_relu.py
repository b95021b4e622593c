"""ReLU on the magnitude of a complex number."""

import keras
from keras import ops

from dl_techniques.layers.complex_layers.parts import (
    Shape,
    half_width,
    join_complex,
    split_complex,
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ModReLU(keras.layers.Layer):
    """Shortens a complex number by a learned amount and keeps its phase.

        y = relu(|z| + b) * z / |z|

    Shapes:
        `(batch, ..., 2 C)`; unchanged.

    Weights:
        `bias`: (C,), zeros.

    Raises:
        ValueError: At build, if the last axis is odd.

    Source: Arjovsky, Shah, Bengio (2016), arXiv:1511.06464, eq. 8. The magnitude is
    floored at 1e-12, so that zero stays zero with a finite gradient.
    """

    def build(self, input_shape: Shape) -> None:
        self.supports_masking = True
        self.bias = self.add_weight(
            name="bias", shape=(half_width(input_shape),), initializer="zeros"
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        real, imaginary = split_complex(x)
        magnitude = ops.sqrt(ops.maximum(real * real + imaginary * imaginary, 1e-24))
        bias = ops.cast(self.bias, x.dtype)
        factor = ops.relu(magnitude + bias) / magnitude
        y = join_complex(real * factor, imaginary * factor)
        return ops.cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)
