"""A convolution of complex numbers."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.complex_layers.base import ComplexKernel, Shape
from dl_techniques.utils.validation import check, check_choice, check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class ComplexConv2D(ComplexKernel):
    """Convolves a complex image with a complex kernel, as one real convolution.

        re = a * A - b * B + bias_real;  im = a * B + b * A + bias_imag

    Args:
        filters: Complex output channels.
        kernel_size: Size of the kernel.
        strides: Step of the kernel.
        padding: "same" or "valid".
        dilation_rate: Distance of kernel entries; above 1 needs strides 1.
        use_bias: Whether there is a complex offset.
        initializer_mode: "glorot" or "he": the variance of the start.
        kernel_regularizer: Penalty on both parts of the kernel.
        real_input: Whether the input has real channels only.
        seed: Seed of the start.

    Shapes:
        `(batch, height, width, 2 C)`, or `C` with `real_input` ->
        `(batch, height', width', 2 filters)`.

    Weights:
        `kernel_real`, `kernel_imag` (k, k, C, filters); `bias_real`, `bias_imag`
        (filters,).

    Raises:
        ValueError: If an argument is out of range; at build, if the input is no image
            or its last axis is odd.

    Source: Trabelsi et al. (2018), arXiv:1705.09792, section 3.2.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        padding: str = "same",
        dilation_rate: int = 1,
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
        check_int("filters", filters)
        check_int("kernel_size", kernel_size)
        check_int("strides", strides)
        check_choice("padding", padding, ("same", "valid"))
        check_int("dilation_rate", dilation_rate)
        fits = strides == 1 or dilation_rate == 1
        check(fits, "dilation_rate", "1 when `strides` is above 1", dilation_rate)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.dilation_rate = dilation_rate

    def build(self, input_shape: Shape) -> None:
        image = len(input_shape) == 4
        rule = "(batch, height, width, channels)"
        check(image, "input_shape", rule, tuple(input_shape))
        size = (self.kernel_size, self.kernel_size)
        self.add_parts((*size, self.channels(input_shape), self.filters))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        y = ops.conv(
            inputs,
            self.block(),
            self.strides,
            self.padding,
            "channels_last",
            self.dilation_rate,
        )
        return self.offset(y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        reach = self.dilation_rate * (self.kernel_size - 1)
        lost = 0 if self.padding == "same" else reach
        height, width = (
            None if size is None else -(-(size - lost) // self.strides)
            for size in input_shape[1:3]
        )
        return (input_shape[0], height, width, 2 * self.filters)

    def get_config(self) -> dict[str, Any]:
        plain = ("filters", "kernel_size", "strides", "padding", "dilation_rate")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
        }
