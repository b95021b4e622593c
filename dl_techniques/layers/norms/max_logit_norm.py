"""Logits of length one."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import (
    Axis,
    AxisNormalization,
    at_least_float32,
    safe_norm,
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class MaxLogitNorm(AxisNormalization):
    """Divides logits by their length: `LogitNorm` with temperature 1.

        y = x / (||x||_2 + epsilon)

    Args:
        axis: Axis or axes that make a vector; axis 0 is refused.
        epsilon: Added to the norm, above 0.

    Shapes:
        Any rank from 2; unchanged.

    Source: Zhang, Xiang (2023), CVPR, "Decoupling MaxLogit for out-of-distribution
    detection".
    """

    def __init__(self, axis: Axis = -1, epsilon: float = 1e-7, **kwargs: Any) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        y = x / (safe_norm(x, self.axes(x)) + self.epsilon)
        return ops.cast(y, self.compute_dtype)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x = at_least_float32(inputs[0])
        return {"norm_before": safe_norm(x, self.axes(x))}
