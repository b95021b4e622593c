"""Base of losses whose value exists only for a whole batch."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check_choice

SCALAR_REDUCTIONS = ("sum_over_batch_size", "none", None)


class BatchLoss(keras.losses.Loss):
    """Computes one value from a whole batch; sample weights enter its sums.

    Subclasses implement `batch_value(y_true, y_pred, sample_weight)`. The value
    depends on the batch size: its mean over batches is not the value of all data.

    Args:
        reduction: "sum_over_batch_size", "none" or None; there is nothing to add up.

    Raises:
        ValueError: Another reduction.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_choice("reduction", reduction, SCALAR_REDUCTIONS)
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def batch_value(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        """Returns the scalar value; `sample_weight` may be None."""
        raise NotImplementedError

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.batch_value(y_true, y_pred, None)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        weights = with_mask(sample_weight, getattr(y_pred, "_keras_mask", None))
        with keras.name_scope(self.name):
            y_true, y_pred = self.tensors(y_true), self.tensors(y_pred)
            value = ops.cast(self.batch_value(y_true, y_pred, weights), self.dtype)
        if self.reduction != "sum_over_batch_size":
            return value
        return reduced(ops.reshape(value, (1,)), None, self)

    def tensors(self, value: Any) -> Any:
        """Converts to tensors of the loss' dtype, inside structures too."""
        return keras.tree.map_structure(
            lambda x: ops.convert_to_tensor(x, dtype=self.dtype), value
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dtype": self.dtype}


class _Passed(keras.losses.Loss):
    """Reduces values that are losses already."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred


def reduced(values: Any, sample_weight: Any, loss: keras.losses.Loss) -> Any:
    """Reduces values as Keras does for `loss`, replicas of a strategy included."""
    passed = _Passed("reduce", loss.reduction, loss.dtype)
    return passed(values, values, sample_weight)


def with_mask(sample_weight: Any, mask: Any) -> Any:
    """Returns the weights with masked rows at 0."""
    if mask is None:
        return sample_weight
    mask = ops.cast(mask, "float32")
    if sample_weight is None:
        return mask
    weights = ops.convert_to_tensor(sample_weight)
    while len(weights.shape) < len(mask.shape):
        weights = ops.expand_dims(weights, -1)
    return weights * ops.cast(mask, weights.dtype)
