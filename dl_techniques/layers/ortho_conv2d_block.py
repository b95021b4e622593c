"""Convolution with an orthonormal kernel matrix, centring and bounded gains."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.orthonormal import DEFAULT_PENALTY, OrthonormalBlock, Shape
from dl_techniques.utils.validation import check, check_choice, check_int

Size = int | tuple[int, int] | list[int]


@keras.saving.register_keras_serializable(package="dl_techniques")
class OrthoConv2DBlock(OrthonormalBlock):
    """The convolutional form of `OrthoBlock`.

        z = conv(x, W) + b,   c = z - mean over channels,   y = activation(s * n(c))

    The kernel is held orthonormal as a matrix (kh * kw * channels, filters). That is
    not an orthogonal convolution operator unless the stride equals the kernel size or
    the kernel is 1 x 1, because neighbouring patches overlap.

    Args:
        filters: Number of output channels, at least 2.
        kernel_size: Height and width of the kernel, one number or two.
        strides: Steps along height and width, one number or two.
        padding: "same" or "valid".
        activation: And the rest: see `OrthonormalBlock`.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, new height, new width, filters)`.

    Weights:
        `kernel` (kh, kw, channels, filters), `bias` (filters,), `scale` (filters,).

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own, as `OrthoBlock`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Size = 3,
        strides: Size = 1,
        padding: str = "same",
        activation: Any = None,
        use_bias: bool = True,
        ortho_reg_factor: float = 0.01,
        normalization: str = "center",
        scale_initial_value: float = 0.5,
        scale_mode: str = "clip",
        kernel_initializer: Any = "orthonormal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        scale_regularizer: Any = DEFAULT_PENALTY,
        ortho_scaling: str = "none",
        epsilon: float = 1e-6,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            activation,
            use_bias,
            ortho_reg_factor,
            normalization,
            scale_initial_value,
            scale_mode,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            scale_regularizer,
            ortho_scaling,
            epsilon,
            **kwargs,
        )
        check_int("filters", filters, low=2)
        _pair("kernel_size", kernel_size)
        _pair("strides", strides)
        check_choice("padding", padding, ("same", "valid"))
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, height, width, channels) with known channels"
        known = len(input_shape) == 4 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        size = _pair("kernel_size", self.kernel_size)
        self.add_weights((*size, int(input_shape[-1] or 0), self.filters))

    def project(self, inputs: Any) -> Any:
        return ops.conv(
            inputs,
            self.kernel,
            strides=_pair("strides", self.strides),
            padding=self.padding,
            data_format="channels_last",
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = zip(
            input_shape[1:3],
            _pair("kernel_size", self.kernel_size),
            _pair("strides", self.strides),
            strict=True,
        )
        lost = [(n, k - 1 if self.padding == "valid" else 0, s) for n, k, s in sizes]
        space = [None if n is None else -(-(n - k) // s) for n, k, s in lost]
        return (input_shape[0], *space, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": _given(self.kernel_size),
            "strides": _given(self.strides),
            "padding": self.padding,
        }


def _pair(argument: str, value: Size) -> tuple[int, int]:
    """Returns two positive integers from one or two."""
    pair = (value, value) if isinstance(value, int) else tuple(value)
    check(len(pair) == 2, argument, "one or two positive integers", value)
    for size in pair:
        check_int(argument, size)
    return pair[0], pair[1]


def _given(value: Size) -> int | list[int]:
    return value if isinstance(value, int) else list(value)
