"""Capsules read off an image by a convolution."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.capsules.squash import squash
from dl_techniques.utils.validation import check, check_choice, check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class PrimaryCapsule(keras.layers.Layer):
    """Cuts the channels of a convolution into capsules and squashes them.

        u = squash(reshape(conv(x), (-1, dim_capsules)))

    Args:
        num_capsules: Capsules at every place.
        dim_capsules: Components of a capsule.
        kernel_size: Size of the convolution.
        strides: Its step.
        padding: "valid" or "same".
        kernel_initializer: Start of the kernel.
        kernel_regularizer: Penalty on the kernel.
        use_bias: Whether the convolution has offsets.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, height' * width' *
        num_capsules, dim_capsules)`.

    Weights:
        `conv/kernel` (k, k, channels, num_capsules * dim_capsules), `conv/bias`.

    Raises:
        ValueError: If an argument is out of range; at build, if the input is not an
            image with known channels.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, section 4.
    """

    def __init__(
        self,
        num_capsules: int,
        dim_capsules: int,
        kernel_size: int = 9,
        strides: int = 2,
        padding: str = "valid",
        kernel_initializer: Any = "he_normal",
        kernel_regularizer: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("num_capsules", num_capsules)
        check_int("dim_capsules", dim_capsules)
        check_int("kernel_size", kernel_size)
        check_int("strides", strides)
        check_choice("padding", padding, ("valid", "same"))
        self.num_capsules = num_capsules
        self.dim_capsules = dim_capsules
        self.conv = keras.layers.Conv2D(
            num_capsules * dim_capsules,
            kernel_size,
            strides=strides,
            padding=padding,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            dtype=self.dtype_policy,
            name="conv",
        )

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, height, width, channels) with known channels"
        known = len(input_shape) == 4 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        self.conv.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        maps = self.conv(inputs)
        shape = (ops.shape(maps)[0], *self.compute_output_shape(inputs.shape)[1:])
        count = -1 if shape[1] is None else shape[1]
        return squash(ops.reshape(maps, (shape[0], count, self.dim_capsules)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, _ = self.conv.compute_output_shape(tuple(input_shape))
        known = height is not None and width is not None
        count = height * width * self.num_capsules if known else None
        return (batch, count, self.dim_capsules)

    def get_config(self) -> dict[str, Any]:
        conv = self.conv.get_config()
        return {
            **super().get_config(),
            "num_capsules": self.num_capsules,
            "dim_capsules": self.dim_capsules,
            "kernel_size": conv["kernel_size"][0],
            "strides": conv["strides"][0],
            "padding": conv["padding"],
            "kernel_initializer": conv["kernel_initializer"],
            "kernel_regularizer": conv["kernel_regularizer"],
            "use_bias": conv["use_bias"],
        }
