"""Multi-label logits that share one budget of confidence."""

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


def couple(
    x: Any, axes: tuple[int, ...], constant: float, strength: float, epsilon: float
) -> Any:
    """Divides `x` by `constant` times a power of its norm along `axes`."""
    total = ops.sum(ops.square(x), axis=axes, keepdims=True) + epsilon
    return x / (constant * ops.power(total, strength / 2))


def check_coupling(constant: float, coupling_strength: float) -> None:
    """Raises `ValueError` for an illegal constant or strength."""
    check_number("constant", constant, 0, low_open=True)
    check_number("coupling_strength", coupling_strength, 0, high=1)


@keras.saving.register_keras_serializable(package="dl_techniques")
class CoupledLogitNorm(AxisNormalization):
    """Divides logits by a power of their joint norm.

        y = x / (constant * (sum(x ** 2) + epsilon) ** (coupling_strength / 2))

    A logit that grows makes all others smaller. Signs stay, so a decision at
    probability 0.5 never changes. With full coupling no logit exceeds 1 / constant: at
    constant 2 every sigmoid lies in [0.378, 0.622], so that a threshold of 0.4 fires on
    most labels, and calibration gets worse. Constants of 0.05 to 0.2 leave room.

    Args:
        constant: Above 0.
        coupling_strength: Power of the norm, in [0, 1]: 0 only divides by `constant`, 1
            is L2 normalisation.
        axis: Axis or axes that make a vector; axis 0 is refused.
        epsilon: Added to the squared norm, above 0.

    Shapes:
        Any rank from 2; unchanged.

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own.
    """

    def __init__(
        self,
        constant: float = 1.0,
        coupling_strength: float = 1.0,
        axis: Axis = -1,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)
        check_coupling(constant, coupling_strength)
        self.constant = constant
        self.coupling_strength = coupling_strength

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        strength = self.coupling_strength
        y = couple(x, self.axes(x), self.constant, strength, self.epsilon)
        return ops.cast(y, self.compute_dtype)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x = at_least_float32(inputs[0])
        y = at_least_float32(self(inputs[0], training=False))
        axes = self.axes(x)
        return {
            "norm_before": safe_norm(x, axes),
            "norm_after": safe_norm(y, axes),
            "probability": ops.sigmoid(y),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "constant": self.constant,
            "coupling_strength": self.coupling_strength,
        }
