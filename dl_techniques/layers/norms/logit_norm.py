"""Logits of constant length."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import (
    Axis,
    AxisNormalization,
    at_least_float32,
    safe_norm,
)
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class LogitNorm(AxisNormalization):
    """Divides logits by their length and by a fixed temperature.

        y = x / (||x||_2 + epsilon) / temperature

    The answer does not change, only how sure it is: the length of y is
    1 / temperature. Of K classes none can get a cross-entropy below
    log(1 + (K - 1) exp(-sqrt(K / (K - 1)) / temperature)), so a large temperature
    forbids confident answers.

    Args:
        temperature: Above 0; 0.04 is the source's value for CIFAR-10. Not learned.
        axis: Axis or axes that make a vector; axis 0 is refused.
        epsilon: Added to the norm, above 0.

    Shapes:
        Any rank from 2; unchanged.

    Raises:
        ValueError: If `temperature` or `epsilon` is not above 0.

    Source: Wei et al. (2022), arXiv:2205.09310, eq. 5. The gradient at 0 is finite.
    """

    def __init__(
        self,
        temperature: float = 0.04,
        axis: Axis = -1,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)
        check_number("temperature", temperature, 0, low_open=True)
        self.temperature = temperature

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        y = x / (safe_norm(x, self.axes(x)) + self.epsilon) / self.temperature
        return ops.cast(y, self.compute_dtype)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x = at_least_float32(inputs[0])
        y = at_least_float32(self(inputs[0], training=False))
        axes = self.axes(x)
        return {
            "norm_before": safe_norm(x, axes),
            "norm_after": safe_norm(y, axes),
            "confidence_before": ops.max(ops.softmax(x, axis=axes[-1]), axis=axes[-1]),
            "confidence_after": ops.max(ops.softmax(y, axis=axes[-1]), axis=axes[-1]),
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "temperature": self.temperature}
