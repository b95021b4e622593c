"""Cross-entropy that rewards uncertain answers."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.log_probabilities import (
    entropy,
    log_probabilities,
    two_sided,
)
from dl_techniques.losses.sample_loss import SampleLoss
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConfidencePenaltyLoss(SampleLoss):
    """Subtracts the entropy of the answer from the cross-entropy.

        loss = CE(y, p) - beta H(p),    H(p) = -sum p ln p
        loss = CE(y, p) + beta max(0, threshold - H(p))    with a threshold

    Up to constants the penalty adds KL(p || uniform), and label smoothing adds
    KL(uniform || p): smoothing punishes every zero, the penalty only certainty.

    Args:
        beta: Strength, at least 0; 0 is cross-entropy.
        from_logits: Whether predictions are logits.
        threshold: Entropy in nats, at least 0, from which on nothing is gained; None
            rewards all of it.
        reduction: As in Keras.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: An argument outside its range, or shapes that do not match.

    Source: Pereyra et al. (2017), arXiv:1701.06548, section 3.
    """

    def __init__(
        self,
        beta: float = 0.1,
        from_logits: bool = True,
        threshold: float | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_number("beta", beta, 0)
        check_number("threshold", threshold, 0, optional=True)
        self.beta = beta
        self.from_logits = from_logits
        self.threshold = threshold

    def row_values(self, y: Any, y_pred: Any) -> Any:
        y, y_pred = two_sided(y, y_pred, self.from_logits)
        p, logs = log_probabilities(y_pred, self.from_logits)
        loss, spread = -ops.sum(y * logs, axis=-1, keepdims=True), entropy(p, logs)
        if self.threshold is None:
            return loss - self.beta * spread
        return loss + self.beta * ops.relu(self.threshold - spread)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta": self.beta,
            "from_logits": self.from_logits,
            "threshold": self.threshold,
        }
