"""Convolutional block attention: which channels, then which places."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.utils.validation import check, check_int

Shape = tuple[int | None, ...]


def _check_image(input_shape: Shape) -> int:
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
        channels = _check_image(input_shape)
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


@keras.saving.register_keras_serializable(package="dl_techniques")
class SpatialAttention(keras.layers.Layer):
    """Returns a mask that tells which places matter.

        M = sigmoid(conv([avg_c(x), max_c(x)]))

    Args:
        kernel_size: Odd size of the convolution, which has no offset.
        use_batch_norm: Whether the convolution's output is batch-normalised.
        kernel_initializer: Start of the kernel.
        kernel_regularizer: Penalty on the kernel.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, height, width, 1)`.

    Weights:
        `conv/kernel`: (k, k, 2, 1); `batch_norm/...` with `use_batch_norm`.

    Raises:
        ValueError: If `kernel_size` is even or below 1; at build, if the input is not
            an image.

    Source: Woo et al. (2018), ECCV, arXiv:1807.06521, eq. 3.
    """

    def __init__(
        self,
        kernel_size: int = 7,
        use_batch_norm: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("kernel_size", kernel_size)
        check(kernel_size % 2 == 1, "kernel_size", "odd", kernel_size)
        self.kernel_size = kernel_size
        self.use_batch_norm = use_batch_norm
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        _check_image(input_shape)
        self.conv = keras.layers.Conv2D(
            1,
            self.kernel_size,
            padding="same",
            use_bias=False,
            kernel_initializer=self.kernel_initializer,
            kernel_regularizer=self.kernel_regularizer,
            dtype=self.dtype_policy,
            name="conv",
        )
        self.conv.build((*input_shape[:3], 2))
        self.batch_norm = None
        if self.use_batch_norm:
            self.batch_norm = keras.layers.BatchNormalization(
                dtype=self.dtype_policy, name="batch_norm"
            )
            self.batch_norm.build((*input_shape[:3], 1))

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        average = ops.mean(ops.cast(inputs, dtype), axis=-1, keepdims=True)
        largest = ops.max(inputs, axis=-1, keepdims=True)
        both = [ops.cast(average, self.compute_dtype), largest]
        score = self.conv(ops.concatenate(both, axis=-1))
        if self.batch_norm is not None:
            score = self.batch_norm(score, training=training)
        return ops.sigmoid(score)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], 1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "use_batch_norm": self.use_batch_norm,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }


@keras.saving.register_keras_serializable(package="dl_techniques")
class CBAM(Explained, keras.layers.Layer):
    """Weighs the channels of an image, then its places.

        x1 = x * channel_attention(x)
        y = x1 * spatial_attention(x1)

    Args:
        ratio: Reduction inside the channel mlp, at least 1.
        kernel_size: Odd size of the spatial convolution.
        use_channel: Whether channels are weighed.
        use_spatial: Whether places are weighed.
        use_spatial_batch_norm: Whether the spatial score is batch-normalised.
        kernel_initializer: Start of every kernel.
        kernel_regularizer: Penalty on every kernel.
        mlp_use_bias: Whether the channel mlp has offsets.
        channels: Expected number of channels; None takes the input's.
        return_attention: Whether the call also returns the masks in use.

    Shapes:
        `(batch, height, width, channels)`; unchanged. Masks: (batch, 1, 1, channels)
        and (batch, height, width, 1).

    Weights:
        `channel_attention/mlp_1/kernel`, `channel_attention/mlp_2/kernel`,
        `spatial_attention/conv/kernel`.

    Raises:
        ValueError: If an argument is out of range or neither part is in use.

    Source: Woo et al. (2018), ECCV, arXiv:1807.06521, eq. 1-3. The original's batch
    normalisation of the spatial score is off unless asked for.
    """

    def __init__(
        self,
        ratio: int = 16,
        kernel_size: int = 7,
        use_channel: bool = True,
        use_spatial: bool = True,
        use_spatial_batch_norm: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        mlp_use_bias: bool = False,
        channels: int | None = None,
        return_attention: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        rule = "true when `use_spatial` is false"
        check(use_channel or use_spatial, "use_channel", rule, use_channel)
        self.use_channel = use_channel
        self.use_spatial = use_spatial
        self.return_attention = return_attention
        self.channel_attention = ChannelAttention(
            ratio,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            use_bias=mlp_use_bias,
            channels=channels,
            dtype=self.dtype_policy,
            name="channel_attention",
        )
        self.spatial_attention = SpatialAttention(
            kernel_size,
            use_batch_norm=use_spatial_batch_norm,
            kernel_initializer=fresh_initializer(
                self.channel_attention.kernel_initializer, 2
            ),
            kernel_regularizer=kernel_regularizer,
            dtype=self.dtype_policy,
            name="spatial_attention",
        )

    def build(self, input_shape: Shape) -> None:
        _check_image(input_shape)
        if self.use_channel:
            self.channel_attention.build(input_shape)
        if self.use_spatial:
            self.spatial_attention.build(input_shape)

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        y, masks = self._attend(inputs, training)
        return (y, *masks.values()) if self.return_attention else y

    def _attend(self, x: Any, training: Any) -> tuple[Any, dict[str, Any]]:
        masks = {}
        if self.use_channel:
            masks["channel"] = self.channel_attention(x)
            x = x * masks["channel"]
        if self.use_spatial:
            masks["spatial"] = self.spatial_attention(x, training=training)
            x = x * masks["spatial"]
        return x, masks

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        return self._attend(inputs, False)[1]

    def compute_output_shape(self, input_shape: Shape) -> Any:
        if not self.return_attention:
            return tuple(input_shape)
        shapes = [tuple(input_shape)]
        if self.use_channel:
            shapes.append(self.channel_attention.compute_output_shape(input_shape))
        if self.use_spatial:
            shapes.append(self.spatial_attention.compute_output_shape(input_shape))
        return tuple(shapes)

    def get_config(self) -> dict[str, Any]:
        channel, spatial = self.channel_attention, self.spatial_attention
        initializer = keras.initializers.serialize(channel.kernel_initializer)
        return {
            **super().get_config(),
            "ratio": channel.ratio,
            "kernel_size": spatial.kernel_size,
            "use_channel": self.use_channel,
            "use_spatial": self.use_spatial,
            "use_spatial_batch_norm": spatial.use_batch_norm,
            "kernel_initializer": initializer,
            "kernel_regularizer": keras.regularizers.serialize(
                channel.kernel_regularizer
            ),
            "mlp_use_bias": channel.use_bias,
            "channels": channel.channels,
            "return_attention": self.return_attention,
        }


ConvolutionalBlockAttention = CBAM
