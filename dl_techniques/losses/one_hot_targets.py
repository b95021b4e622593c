"""Lets a loss that wants one-hot targets take class numbers."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check


@keras.saving.register_keras_serializable(package="dl_techniques")
class OneHotTargets(keras.losses.Loss):
    """Turns class numbers into one-hot rows before a loss sees them.

        value = loss(one_hot(y, num_classes), y_pred)

    Args:
        loss: The loss, whose `reduction` is used.
        num_classes: Number of classes, at least 1.

    Shapes: y (batch,) or (batch, 1) class numbers, y_pred (batch, num_classes).
    Targets that are one-hot already pass through.

    Raises:
        ValueError: `num_classes` is below 1.
    """

    def __init__(
        self, loss: keras.losses.Loss, num_classes: int, name: str | None = None
    ) -> None:
        if isinstance(loss, dict):
            loss = keras.saving.deserialize_keras_object(loss)
        check(num_classes >= 1, "num_classes", "at least 1", num_classes)
        super().__init__(name=name or loss.name, reduction=loss.reduction)
        self.loss = loss
        self.num_classes = num_classes

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
            y_true = ops.squeeze(y_true, -1)
        if len(y_true.shape) < len(y_pred.shape):
            labels = ops.cast(y_true, "int32")
            y_true = ops.one_hot(labels, self.num_classes, dtype=y_pred.dtype)
        return self.loss.call(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        loss = keras.saving.serialize_keras_object(self.loss)
        return {"loss": loss, "num_classes": self.num_classes, "name": self.name}
