"""The soft step of the AnyLoss family."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.targets import float_tensor
from dl_techniques.utils.validation import check_number


def soft_step(p: Any, amplifying_scale: float) -> Any:
    """Returns sigmoid(L (p - 1/2))."""
    return ops.sigmoid(amplifying_scale * (p - 0.5))


def soft_argmax(p: Any, amplifying_scale: float) -> Any:
    """Returns softmax(L p / 2); for p and 1 - p it is the soft step."""
    return ops.softmax(0.5 * amplifying_scale * p, axis=-1)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ApproximationFunction(keras.layers.Layer):
    """Pushes probabilities towards 0 or 1 while keeping a slope.

        A(p) = sigmoid(L (p - 1/2)),    A'(p) = L A (1 - A)

    A(1/2) = 1/2 and A(p) + A(1 - p) = 1. In float32 A is exactly 1, and flat, from
    L (p - 1/2) = 17 on.

    Args:
        amplifying_scale: L, above 0. Towards 0 every answer is 1/2; a large L is the
            step of an arg max.

    Shapes:
        Any; unchanged.

    Raises:
        ValueError: `amplifying_scale` is not above 0.

    Source: Han, Moniz, Chawla (2024), arXiv:2405.14745, section 3.
    """

    def __init__(self, amplifying_scale: float = 73.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_number("amplifying_scale", amplifying_scale, 0, low_open=True)
        self.amplifying_scale = amplifying_scale

    def call(self, inputs: Any) -> Any:
        step = soft_step(float_tensor(inputs), self.amplifying_scale)
        return ops.cast(step, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amplifying_scale": self.amplifying_scale}
