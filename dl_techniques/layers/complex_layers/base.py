"""What a complex convolution and a complex dense layer share."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.complex_layers.parts import RayleighPhase, half_width
from dl_techniques.utils.validation import check, check_choice, check_int

Shape = tuple[int | None, ...]


class ComplexKernel(keras.layers.Layer):
    """Holds the parts of a complex kernel and bias.

    The product of `a + ib` with `A + iB` is one real product with the block kernel
    `[[A, B], [-B, A]]`.
    """

    def __init__(
        self,
        use_bias: bool,
        initializer_mode: str,
        kernel_regularizer: Any,
        real_input: bool,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choice("initializer_mode", initializer_mode, ("glorot", "he"))
        check_int("seed", seed, 0, high=2**31 - 1, optional=True)
        self.use_bias = use_bias
        self.initializer_mode = initializer_mode
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.real_input = real_input
        self.seed = seed

    def channels(self, input_shape: Shape) -> int:
        """Returns the complex input channels."""
        if not self.real_input:
            return half_width(input_shape)
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        rule = "(batch, ..., channels) with known channels"
        check(known, "input_shape", rule, tuple(input_shape))
        return int(input_shape[-1] or 0)

    def add_parts(self, shape: tuple[int, ...]) -> None:
        """Adds `kernel_real`, `kernel_imag` of this shape, and both biases."""
        parts = RayleighPhase(self.initializer_mode, self.seed).draw(shape)
        for name, start in zip(("kernel_real", "kernel_imag"), parts, strict=True):
            weight = self.add_weight(
                name=name,
                shape=shape,
                initializer=lambda shape, dtype=None, start=start: ops.cast(
                    start, dtype
                ),
                regularizer=self.kernel_regularizer,
            )
            setattr(self, name, weight)
        self.bias_real = self.bias_imag = None
        if self.use_bias:
            units = (shape[-1],)
            zeros = "zeros"
            self.bias_real = self.add_weight(
                name="bias_real", shape=units, initializer=zeros
            )
            self.bias_imag = self.add_weight(
                name="bias_imag", shape=units, initializer=zeros
            )

    def block(self) -> Any:
        """Returns the real kernel that does the complex product."""
        a = ops.convert_to_tensor(self.kernel_real)
        b = ops.convert_to_tensor(self.kernel_imag)
        top = ops.concatenate([a, b], axis=-1)
        if self.real_input:
            return top
        return ops.concatenate([top, ops.concatenate([-b, a], axis=-1)], axis=-2)

    def offset(self, y: Any) -> Any:
        """Adds the bias, if there is one."""
        if self.bias_real is None:
            return y
        return y + ops.concatenate([self.bias_real, self.bias_imag], axis=-1)

    def spectral_matrices(self) -> list[tuple[str, Any]]:
        """Returns the complex kernel as matrices for spectral analysis."""
        real = ops.convert_to_numpy(self.kernel_real)
        kernel = real + 1j * ops.convert_to_numpy(self.kernel_imag)
        return [("kernel", kernel.reshape(-1, kernel.shape[-1]))]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_bias": self.use_bias,
            "initializer_mode": self.initializer_mode,
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "real_input": self.real_input,
            "seed": self.seed,
        }
