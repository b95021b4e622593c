"""The squared error of probabilities as a loss."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.sample_loss import SampleLoss
from dl_techniques.losses.targets import probabilities


def brier_rows(y: Any, p: Any, multiclass_sum: bool = True) -> Any:
    """Returns the Brier score of each row, (..., 1)."""
    squares = ops.square(p - y)
    add = ops.sum if multiclass_sum else ops.mean
    return add(squares, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="dl_techniques")
class BrierScoreLoss(SampleLoss):
    """Takes the squared error of the probabilities.

        loss_i = sum_c (p_ic - y_ic)^2

    A proper score: the true probabilities minimise it on average. In [0, 2], and
    1 - 1/C for a uniform answer. One column gives (p - y)^2, half the value of the
    same answer in two columns.

    Args:
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.
        multiclass_sum: False takes the mean over the classes, C times smaller.
        reduction: As in Keras.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: Shapes that do not match.

    Source: Brier (1950), Monthly Weather Review 78.
    """

    def __init__(
        self,
        from_logits: bool = False,
        multiclass_sum: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.from_logits = from_logits
        self.multiclass_sum = multiclass_sum

    def row_values(self, y: Any, y_pred: Any) -> Any:
        p = probabilities(y_pred, self.from_logits)
        return brier_rows(y, p, self.multiclass_sum)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "multiclass_sum": self.multiclass_sum,
        }
