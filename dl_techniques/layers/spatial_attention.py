"""A mask over the places of an image."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.channel_attention import check_image
from dl_techniques.utils.validation import check, check_int

Shape = tuple[int | None, ...]


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
        check_image(input_shape)
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
