"""Root-mean-square normalisation."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import (
    Axis,
    AxisNormalization,
    Shape,
    at_least_float32,
    root_mean_square,
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class RMSNorm(AxisNormalization, keras.layers.RMSNormalization):
    """Divides by the root mean square and applies a learned gain.

        y = x / sqrt(mean(x ** 2, axis) + epsilon) * scale

    Args:
        axis: Axis or axes to normalise; axis 0 is refused.
        epsilon: Added inside the root, above 0.
        use_scale: Whether there is a gain.
        scale_initializer: Start of the gain.
        scale_regularizer: Penalty on the gain.
        scale_constraint: Projection of the gain after each step.

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `scale`: sizes along `axis` in increasing axis order, ones.

    Raises:
        ValueError: If `epsilon <= 0` or `axis` is not legal; at build, if a size
            along `axis` is an undefined dimension and there is a gain.

    Source: Zhang, Sennrich (2019), arXiv:1910.07467, eq. 4. Keras's operation serves
    trailing axes; elsewhere it misplaces the gain, so the formula is computed here.
    """

    def __init__(
        self,
        axis: Axis = -1,
        epsilon: float = 1e-6,
        use_scale: bool = True,
        scale_initializer: Any = "ones",
        scale_regularizer: Any = None,
        scale_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)
        self.use_scale = use_scale
        self.scale_initializer = keras.initializers.get(scale_initializer)
        self.scale_regularizer = keras.regularizers.get(scale_regularizer)
        self.scale_constraint = keras.constraints.get(scale_constraint)
        self.scale = None

    def build(self, input_shape: Shape) -> None:
        AxisNormalization.build(self, input_shape)
        if self.use_scale:
            self.scale = self.add_weight(
                name="scale",
                shape=self.axis_sizes(input_shape),
                initializer=self.scale_initializer,
                regularizer=self.scale_regularizer,
                constraint=self.scale_constraint,
                autocast=False,
            )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        axes = self.axes(inputs)
        rank = len(inputs.shape)
        if axes == tuple(range(rank - len(axes), rank)):
            trailing = [a - rank for a in axes]
            return ops.rms_normalization(inputs, self.scale, trailing, self.epsilon)
        x = at_least_float32(inputs)
        y = x / root_mean_square(x, axes, self.epsilon)
        if self.scale is not None:
            y = y * self.spread(self.scale, x)
        return ops.cast(y, self.compute_dtype)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        told = super().explain_call(*inputs)
        return told if self.scale is None else {**told, "gain": self.scale}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "scale_initializer": keras.initializers.serialize(self.scale_initializer),
            "scale_regularizer": keras.regularizers.serialize(self.scale_regularizer),
            "scale_constraint": keras.constraints.serialize(self.scale_constraint),
        }
