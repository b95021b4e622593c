"""The length of capsules as class scores."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class CapsuleLength(keras.layers.Layer):
    """Returns `sqrt(max(sum(v * v), 1e-24))` along `axis`; its gradient is 0 at 0.

    Args:
        axis: Axis of the capsule's components, not the batch axis.

    Shapes:
        `(batch, ..., capsules, components)` -> `(batch, ..., capsules)`.

    Raises:
        ValueError: If `axis` is not an integer.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, section 3.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_int("axis", axis, low=-8)
        self.axis = axis

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        square = ops.maximum(ops.sum(x * x, axis=self.axis), 1e-24)
        return ops.cast(ops.sqrt(square), self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = list(input_shape)
        del shape[self.axis]
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
