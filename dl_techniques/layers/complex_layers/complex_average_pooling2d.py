"""Average pooling of complex images."""

from typing import Any

import keras

from dl_techniques.layers.complex_layers.parts import Shape, half_width
from dl_techniques.utils.validation import check_choice, check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class ComplexAveragePooling2D(keras.layers.Layer):
    """Averages real and imaginary part over windows; linear, so phases matter.

    Args:
        pool_size: Size of the window.
        strides: Its step; None is the size.
        padding: "valid" or "same".

    Shapes:
        `(batch, height, width, 2 C)` -> `(batch, height', width', 2 C)`.

    Raises:
        ValueError: If an argument is out of range; at build, if the last axis is odd.

    Source: Trabelsi et al. (2018), arXiv:1705.09792; `keras.layers.AveragePooling2D`.
    """

    def __init__(
        self,
        pool_size: int = 2,
        strides: int | None = None,
        padding: str = "valid",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("pool_size", pool_size)
        check_int("strides", strides, optional=True)
        check_choice("padding", padding, ("valid", "same"))
        self.pool_size = pool_size
        self.strides = strides
        self.padding = padding
        self.pool = keras.layers.AveragePooling2D(
            pool_size, strides, padding, dtype=self.dtype_policy
        )

    def build(self, input_shape: Shape) -> None:
        half_width(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return self.pool(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(self.pool.compute_output_shape(tuple(input_shape)))

    def get_config(self) -> dict[str, Any]:
        plain = ("pool_size", "strides", "padding")
        return {**super().get_config(), **{n: getattr(self, n) for n in plain}}
