"""How uncertain the answers are on average."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.log_probabilities import (
    entropy,
    log_probabilities,
    two_sided,
)
from dl_techniques.losses.targets import aligned


@keras.saving.register_keras_serializable(package="dl_techniques")
class PredictionEntropy(keras.metrics.Mean):
    """Averages the entropy of the answers: H(Y|X) = mean_i(-sum_c p_ic ln p_ic).

    In nats, from 0 (certain) to ln C (no idea). Labels do not matter.

    Args:
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: Shapes that do not match.

    Source: Pereyra et al. (2017), arXiv:1701.06548.
    """

    def __init__(
        self,
        from_logits: bool = True,
        name: str = "prediction_entropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.from_logits = from_logits

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        _, z = two_sided(*aligned(y_true, y_pred), self.from_logits)
        rows = entropy(*log_probabilities(z, self.from_logits))
        super().update_state(ops.squeeze(rows, -1), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "from_logits": self.from_logits}
