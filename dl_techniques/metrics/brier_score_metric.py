"""The squared error of probabilities over all data."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.brier_score_loss import brier_rows
from dl_techniques.losses.targets import aligned, probabilities


@keras.saving.register_keras_serializable(package="dl_techniques")
class BrierScoreMetric(keras.metrics.Mean):
    """Averages the Brier score of all samples; see `losses.BrierScoreLoss`.

    Args:
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.
        multiclass_sum: False takes the mean over the classes, C times smaller.

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
        name: str = "brier_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.from_logits = from_logits
        self.multiclass_sum = multiclass_sum

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y, z = aligned(y_true, y_pred)
        rows = brier_rows(y, probabilities(z, self.from_logits), self.multiclass_sum)
        super().update_state(ops.squeeze(rows, -1), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "multiclass_sum": self.multiclass_sum,
        }
