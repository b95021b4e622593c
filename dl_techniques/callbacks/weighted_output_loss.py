"""The loss of one output under a weight that a callback may change."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class WeightedOutputLoss(keras.losses.Loss):
    """Multiplies the loss of one output by a variable.

        value = weight * loss(y_true, y_pred)

    Args:
        loss: A loss, a function of targets and predictions, or a name.
        index: Which output it is for, from 0.
        weight: Starting weight, at least 0, or the variable that holds it.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self, loss: Any, index: int = 0, weight: Any = 1.0, name: str | None = None
    ) -> None:
        if isinstance(loss, dict):
            loss = keras.saving.deserialize_keras_object(loss)
        loss = keras.losses.get(loss)
        check(loss is not None, "loss", "a loss, a function or a name", loss)
        check_int("index", index, 0)
        reduction = getattr(loss, "reduction", "sum_over_batch_size")
        super().__init__(name=name or getattr(loss, "name", None), reduction=reduction)
        self.inner = loss
        self.index = index
        if not isinstance(weight, keras.Variable):
            weight = weight_variable(weight, index)
        self.weight = weight

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns the weighted loss; the inner loss reduces and weighs samples."""
        if isinstance(self.inner, keras.losses.Loss):
            value = self.inner(y_true, y_pred, sample_weight)
        else:
            value = super().__call__(y_true, y_pred, sample_weight)
        return value * ops.cast(ops.convert_to_tensor(self.weight), value.dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.inner(y_true, y_pred)

    def set_weight(self, value: float) -> bool:
        """Sets the weight and tells whether it was another."""
        old = float(ops.convert_to_numpy(self.weight))
        self.weight.assign(value)
        return old != float(ops.convert_to_numpy(self.weight))

    def get_config(self) -> dict[str, Any]:
        return {
            "loss": keras.saving.serialize_keras_object(self.inner),
            "index": self.index,
            "weight": float(ops.convert_to_numpy(self.weight)),
            "name": self.name,
        }


def weight_variable(value: Any, index: int) -> keras.Variable:
    """Makes the float32 variable of one output's weight."""
    check_number("weight", float(value), 0)
    name = f"ds_weight_{index}"
    return keras.Variable(float(value), trainable=False, dtype="float32", name=name)
