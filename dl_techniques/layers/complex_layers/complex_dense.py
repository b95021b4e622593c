"""A dense layer of complex numbers."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.complex_layers.base import ComplexKernel, Shape
from dl_techniques.utils.validation import check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class ComplexDense(ComplexKernel):
    """Multiplies complex features by a complex matrix.

        re = a A - b B + bias_real;  im = a B + b A + bias_imag

    Args:
        units: Complex outputs.
        use_bias: Whether there is a complex offset.
        initializer_mode: "glorot" or "he": the variance of the start.
        kernel_regularizer: Penalty on both parts of the kernel.
        real_input: Whether the input has real channels only.
        seed: Seed of the start.

    Shapes:
        `(batch, ..., 2 C)`, or `(batch, ..., C)` with `real_input` ->
        `(batch, ..., 2 units)`.

    Weights:
        `kernel_real`, `kernel_imag` (C, units); `bias_real`, `bias_imag` (units,).

    Raises:
        ValueError: If an argument is out of range; at build, if the last axis is odd.

    Source: Trabelsi et al. (2018), arXiv:1705.09792, section 3.
    """

    def __init__(
        self,
        units: int,
        use_bias: bool = True,
        initializer_mode: str = "glorot",
        kernel_regularizer: Any = None,
        real_input: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            use_bias, initializer_mode, kernel_regularizer, real_input, seed, **kwargs
        )
        check_int("units", units)
        self.units = units

    def build(self, input_shape: Shape) -> None:
        self.add_parts((self.channels(input_shape), self.units))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return self.offset(ops.matmul(inputs, self.block()))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
