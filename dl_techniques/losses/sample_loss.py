"""Base of classification losses that give one value a sample."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.targets import aligned


class SampleLoss(keras.losses.Loss):
    """Brings labels and predictions into one form and keeps Keras' reductions.

    Subclasses implement `row_values(y, y_pred)`: targets and predictions (..., C), in
    float32 or wider, to values (..., 1).
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def row_values(self, y: Any, y_pred: Any) -> Any:
        """Returns the loss of each row, (..., 1)."""
        raise NotImplementedError

    def call(self, y_true: Any, y_pred: Any) -> Any:
        values = self.row_values(*aligned(y_true, y_pred))
        return ops.squeeze(values, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dtype": self.dtype}
