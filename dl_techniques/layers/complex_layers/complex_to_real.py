"""From complex features to real ones."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.complex_layers.parts import Shape, half_width, split_complex
from dl_techniques.utils.validation import check_choice


@keras.saving.register_keras_serializable(package="dl_techniques")
class ComplexToReal(keras.layers.Layer):
    """Keeps both parts side by side, or only the magnitude.

    Args:
        mode: "concat" (both parts), "magnitude" or "magnitude_squared".

    Shapes:
        `(batch, ..., 2 C)` -> `(batch, ..., 2 C)` or `(batch, ..., C)`.

    Raises:
        ValueError: If `mode` is unknown; at build, if the last axis is odd.

    Source: Ko, Panchal, Andrade-Loarca, Mendez-Vazquez (2022), CoShNet,
    arXiv:2208.06882. The magnitude's gradient at 0 is 0.
    """

    def __init__(self, mode: str = "concat", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("mode", mode, ("concat", "magnitude", "magnitude_squared"))
        self.mode = mode
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        half_width(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        if self.mode == "concat":
            return inputs
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        real, imaginary = split_complex(x)
        square = real * real + imaginary * imaginary
        if self.mode == "magnitude":
            square = ops.sqrt(ops.maximum(square, 1e-24))
        return ops.cast(square, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if self.mode == "concat":
            return tuple(input_shape)
        return (*input_shape[:-1], half_width(input_shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}
