"""A convolution with batch norm and activation."""

from typing import Any

import keras

from dl_techniques.layers.mobilenet_v4_blocks import parts
from dl_techniques.layers.mobilenet_v4_blocks.parts import Shape
from dl_techniques.utils.validation import check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConvNorm(keras.layers.Layer):
    """Applies a convolution without bias, batch norm and an activation.

    Args:
        filters: Output channels.
        kernel_size: Side of the kernel.
        strides: Step; the padding is the same on all sides.
        activation: Anything `keras.activations.get` takes.
        kernel_regularizer: Penalty on the kernel.

    Shapes:
        `(batch, H, W, C)` -> `(batch, ceil(H / strides), ceil(W / strides), filters)`.

    Weights:
        `conv/kernel` (k, k, C, filters), `bn/*`.

    Source: Qin et al. (2024), arXiv:2404.10518, the plain rows of the tables.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        activation: Any = "relu",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("filters", filters),
            ("kernel_size", kernel_size),
            ("strides", strides),
        ):
            check_int(name, value)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.activation = keras.activations.get(activation)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        parts.check_image(input_shape)
        self.conv = parts.convolution(
            "conv",
            self.filters,
            self.kernel_size,
            self.strides,
            regularizer=self.kernel_regularizer,
            policy=self.dtype_policy,
        )
        self.bn = parts.batch_norm("bn", self.dtype_policy)
        given = (self.kernel_size, self.strides)
        self.conv.build(parts.shape_padded(input_shape, *given))
        self.bn.build(self.compute_output_shape(input_shape))

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        x = self.conv(parts.padded(inputs, self.kernel_size, self.strides))
        return self.activation(self.bn(x, training=training))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return parts.halved(input_shape, self.strides, self.filters)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Returns the products of one sample."""
        after = self.compute_output_shape(input_shape)
        places = parts.positions(after) * self.kernel_size**2
        return places * int(input_shape[-1] or 0) * self.filters

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
