"""A mask over the channels of an image."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.utils.validation import check, check_int

Shape = tuple[int | None, ...]


def check_image(input_shape: Shape) -> int:
    """Returns the number of channels of an image shape, or raises."""
    known = len(input_shape) == 4 and input_shape[-1] is not None
    rule = "(batch, height, width, channels) with known channels"
    check(known, "input_shape", rule, input_shape)
    return int(input_shape[-1] or 0)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ChannelAttention(keras.layers.Layer):
    """Returns a mask that tells which channels matter.

        M = sigmoid(mlp(avg_hw(x)) + mlp(max_hw(x)))

    One shared mlp: channels -> max(1, channels // ratio) -> ReLU -> channels.

    Args:
        ratio: Reduction inside the mlp, at least 1.
        kernel_initializer: Start of both kernels.
        kernel_regularizer: Penalty on both kernels.
        use_bias: Whether the mlp has offsets.
        channels: Expected number of channels; None takes the input's.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, 1, 1, channels)`.

    Weights:
        `mlp_1/kernel`: (channels, squeeze). `mlp_2/kernel`: (squeeze, channels).

    Raises:
        ValueError: If `ratio < 1`; at build, if the input is not an image or
            disagrees with `channels`.

    Source: Woo et al. (2018), ECCV, arXiv:1807.06521, eq. 2.
    """

    def __init__(
        self,
        ratio: int = 16,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        use_bias: bool = False,
        channels: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("ratio", ratio)
        check_int("channels", channels, optional=True)
        self.ratio = ratio
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.use_bias = use_bias
        self.channels = channels

    def build(self, input_shape: Shape) -> None:
        channels = check_image(input_shape)
        agrees = self.channels in (None, channels)
        check(agrees, "channels", f"the input's {channels}", self.channels)
        squeeze = max(1, channels // self.ratio)
        self.mlp_1 = self._dense(squeeze, "relu", "mlp_1", 0)
        self.mlp_2 = self._dense(channels, None, "mlp_2", 1)
        self.mlp_1.build((None, channels))
        self.mlp_2.build((None, squeeze))

    def _dense(
        self, units: int, activation: Any, name: str, number: int
    ) -> keras.layers.Dense:
        initializer = fresh_initializer(self.kernel_initializer, number)
        return keras.layers.Dense(
            units,
            activation=activation,
            use_bias=self.use_bias,
            kernel_initializer=initializer,
            kernel_regularizer=self.kernel_regularizer,
            dtype=self.dtype_policy,
            name=name,
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        x = ops.cast(inputs, dtype)
        average = ops.cast(ops.mean(x, axis=(1, 2), keepdims=True), self.compute_dtype)
        largest = ops.max(inputs, axis=(1, 2), keepdims=True)
        both = self.mlp_2(self.mlp_1(average)) + self.mlp_2(self.mlp_1(largest))
        return ops.sigmoid(both)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], 1, 1, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "ratio": self.ratio,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "use_bias": self.use_bias,
            "channels": self.channels,
        }
