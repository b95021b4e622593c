"""Squashing: keeps a vector's direction and brings its length below 1."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check_int, check_number

Shape = tuple[int | None, ...]


def squash(s: Any, axis: int = -1, epsilon: float = 1e-8) -> Any:
    """Returns `|s|^2 / (1 + |s|^2) * s / sqrt(|s|^2 + epsilon)` along `axis`.

    Computed in at least float32 and cast back; value and gradient are 0 at 0.
    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, eq. 1.
    """
    s = ops.convert_to_tensor(s)
    dtype = s.dtype
    x = ops.cast(s, keras.backend.result_type(dtype, "float32"))
    square = ops.sum(x * x, axis=axis, keepdims=True)
    # Dividing first keeps the factor finite for the largest float32 vectors.
    factor = square / (1.0 + square) / ops.sqrt(square + epsilon)
    return ops.cast(factor * x, dtype)


@keras.saving.register_keras_serializable(package="dl_techniques")
class Squash(keras.layers.Layer):
    """Applies `squash` along one axis.

    Args:
        axis: Axis of the capsule's components.
        epsilon: Keeps the root's slope bounded at 0, above 0.

    Shapes:
        Any; unchanged.

    Raises:
        ValueError: If `epsilon <= 0` or `axis` is not an integer.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, eq. 1.
    """

    def __init__(self, axis: int = -1, epsilon: float = 1e-8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_int("axis", axis, low=-8)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.axis = axis
        self.epsilon = epsilon
        self.supports_masking = True

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return squash(inputs, self.axis, self.epsilon)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
