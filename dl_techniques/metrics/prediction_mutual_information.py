"""How much the answers tell about the inputs."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.log_probabilities import (
    entropy,
    log_probabilities,
    two_sided,
)
from dl_techniques.losses.targets import aligned, floored_log, row_weights


@keras.saving.register_keras_serializable(package="dl_techniques")
class PredictionMutualInformation(keras.metrics.Metric):
    """Measures I(X; Y) = H(mean p) - mean H(p) over all data, in nats.

    From 0 (every input gets the same answer) to ln C (certain and balanced answers);
    at most ln of the number of samples. Labels do not matter.

    Args:
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: Shapes that do not match.

    Source: Tishby, Pereira, Bialek (2000), arXiv:physics/0004057.
    """

    def __init__(
        self,
        from_logits: bool = True,
        name: str = "prediction_mutual_information",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.from_logits = from_logits
        self.entropy = self.add_weight(name="entropy", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")
        self.answers: Any = None  # made when the number of classes is known

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y, z = two_sided(*aligned(y_true, y_pred), self.from_logits)
        if self.answers is None:
            self.answers = self.add_weight(
                shape=(z.shape[-1],), name="answers", initializer="zeros"
            )
        p, logs = log_probabilities(z, self.from_logits)
        w = row_weights(sample_weight, y)
        total = ops.reshape(ops.sum(w * p, axis=tuple(range(len(p.shape) - 1))), (-1,))
        self.answers.assign_add(ops.cast(total, self.dtype))
        self.entropy.assign_add(ops.cast(ops.sum(w * entropy(p, logs)), self.dtype))
        self.count.assign_add(ops.cast(ops.sum(w), self.dtype))

    def result(self) -> Any:
        """Returns the information so far; 0 before any batch."""
        if self.answers is None:
            return ops.convert_to_tensor(0.0, dtype=self.dtype)
        mean = ops.divide_no_nan(self.answers.value, self.count.value)
        spread = ops.divide_no_nan(self.entropy.value, self.count.value)
        return ops.maximum(-ops.sum(mean * floored_log(mean)) - spread, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "from_logits": self.from_logits,
        }
