"""Root-mean-square normalisation of the centred input."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import Axis, at_least_float32
from dl_techniques.layers.norms.rms_norm import RMSNorm


@keras.saving.register_keras_serializable(package="dl_techniques")
class ZeroCenteredRMSNorm(RMSNorm):
    """Subtracts the mean, then normalises by the root mean square.

        z = x - mean(x, axis),   y = z / sqrt(mean(z ** 2, axis) + epsilon) * scale

    This is layer normalisation without an offset, under a name that shows how the two
    are related.

    Args:
        axis: Axis or axes to normalise; axis 0 is refused.
        epsilon: Added inside the root, above 0.
        use_scale: Whether there is a gain.
        scale_initializer: Start of the gain.
        kwargs: `scale_regularizer` and `scale_constraint`, as `RMSNorm`.

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `scale`: sizes along `axis` in increasing axis order, ones.

    Source: equals `keras.layers.LayerNormalization(center=False)`.
    """

    def __init__(
        self,
        axis: Axis = -1,
        epsilon: float = 1e-6,
        use_scale: bool = True,
        scale_initializer: Any = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, epsilon, use_scale, scale_initializer, **kwargs)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        z = x - ops.mean(x, axis=self.axes(x), keepdims=True)
        return ops.cast(super().call(z), self.compute_dtype)
