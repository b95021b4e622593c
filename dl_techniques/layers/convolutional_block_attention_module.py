"""Convolutional block attention: which channels, then which places."""

from typing import Any

import keras

from dl_techniques.layers.channel_attention import ChannelAttention, check_image
from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.layers.spatial_attention import SpatialAttention
from dl_techniques.utils.validation import check

__all__ = [
    "CBAM",
    "ChannelAttention",
    "ConvolutionalBlockAttention",
    "SpatialAttention",
]

Shape = tuple[int | None, ...]


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
        check_image(input_shape)
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
