"""Brier score and Spiegelhalter's Z in one loss."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.batch_loss import BatchLoss
from dl_techniques.losses.brier_score_loss import brier_rows
from dl_techniques.losses.spiegelhalter_z_loss import WEIGHTINGS, z_of_columns
from dl_techniques.losses.targets import (
    aligned,
    mean_over_rows,
    probabilities,
    row_weights,
)
from dl_techniques.utils.validation import check_choice, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class CombinedCalibrationLoss(BatchLoss):
    """Adds how far answers are off to how far they are from coming true.

        loss = alpha Brier + (1 - alpha) mean_c Z_c^2 / B

    Z^2 grows with the batch; divided by its size B (the sum of the weights) both
    parts scale alike.

    Args:
        alpha: Share of the Brier score, in [0, 1].
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.
        weighting: As in `SpiegelhalterZLoss`.
        reduction: "sum_over_batch_size" or "none"; the value is a scalar.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: An argument outside its range, or shapes that do not match.

    Source: Brier (1950), Monthly Weather Review 78; Spiegelhalter (1986), Statistics
    in Medicine 5. Adding them is this library's own.
    """

    def __init__(
        self,
        alpha: float = 0.5,
        from_logits: bool = False,
        weighting: str = "spiegelhalter",
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_number("alpha", alpha, 0, high=1)
        check_choice("weighting", weighting, WEIGHTINGS)
        self.alpha = alpha
        self.from_logits = from_logits
        self.weighting = weighting

    def batch_value(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        y, logits = aligned(y_true, y_pred)
        w = row_weights(sample_weight, y)
        brier = brier_rows(y, probabilities(logits, self.from_logits))
        z = z_of_columns(y, logits, w, self.from_logits, self.weighting)
        z_term = ops.mean(ops.square(z)) / ops.maximum(ops.sum(w), 1e-7)
        return self.alpha * mean_over_rows(brier, w) + (1 - self.alpha) * z_term

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "from_logits": self.from_logits,
            "weighting": self.weighting,
        }
