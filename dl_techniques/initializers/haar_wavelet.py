"""The four two-by-two Haar filters."""

from typing import Any

import keras
import numpy as np
from keras import ops

from dl_techniques.utils.validation import check, check_int, check_number

PATTERNS = np.array(
    [[[1, 1], [1, 1]], [[1, -1], [1, -1]], [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]],
    dtype=np.float64,
)  # LL, LH (change along the width), HL (along the height), HH


@keras.saving.register_keras_serializable(package="dl_techniques")
class HaarWaveletInitializer(keras.initializers.Initializer):
    """Fills a depthwise kernel `(2, 2, channels, m)` with Haar filters.

    Filter `j` of every channel is LL, LH, HL or HH, `j` modulo 4, each `scale / 2`
    times a pattern of signs: with `scale=1` and four filters the stride-2 transform
    is orthonormal, keeps the sum of squares of even-sized images and is inverted by
    its transpose.

    Args:
        scale: Factor on all filters, above 0.

    Raises:
        ValueError: If the scale or the weight's shape is illegal.

    Source: Haar (1910), Mathematische Annalen 69.
    """

    def __init__(self, scale: float = 1.0) -> None:
        check_number("scale", scale, 0, low_open=True)
        self.scale = scale

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        shape = tuple(int(n) for n in shape)
        legal = len(shape) == 4 and shape[:2] == (2, 2)
        check(legal, "shape", "(2, 2, channels, multiplier)", shape)
        filters = PATTERNS[np.arange(shape[3]) % 4] * (self.scale / 2)
        kernel = np.broadcast_to(filters.transpose(1, 2, 0)[:, :, None], shape)
        dtype = keras.backend.standardize_dtype(dtype or keras.config.floatx())
        return ops.cast(ops.convert_to_tensor(kernel.astype("float32")), dtype)

    def get_config(self) -> dict[str, Any]:
        return {"scale": self.scale}


def haar_depthwise_conv2d(
    channel_multiplier: int = 4,
    scale: float = 1.0,
    trainable: bool = False,
    **kwargs: Any,
) -> keras.layers.Layer:
    """Returns a stride-2 depthwise convolution that computes the Haar transform.

    Args:
        channel_multiplier: Filters a channel, at least 1: LL, LH, HL, HH and again.
        scale: Factor on all filters, above 0.
        trainable: Whether training may change the filters.
        **kwargs: Further arguments of `keras.layers.DepthwiseConv2D`.

    Raises:
        ValueError: For an illegal argument.
    """
    check_int("channel_multiplier", channel_multiplier)
    given = {"padding": "same", "use_bias": False, **kwargs}
    return keras.layers.DepthwiseConv2D(
        kernel_size=2,
        strides=2,
        depth_multiplier=channel_multiplier,
        depthwise_initializer=HaarWaveletInitializer(scale),
        trainable=trainable,
        **given,
    )
