"""Cross-entropy of logits of constant length."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.sample_loss import SampleLoss
from dl_techniques.losses.targets import cross_entropy
from dl_techniques.utils.validation import check, check_number

TINY = 1e-30  # keeps the slope of a root finite at 0


@keras.saving.register_keras_serializable(package="dl_techniques")
class LogitNormLoss(SampleLoss):
    """Takes the cross-entropy of logits divided by their length.

        loss = CE(y, softmax(z / (||z||_2 + epsilon) / temperature))

    Scaling a sample's logits leaves its loss: a network cannot lower it by growing
    more certain, only by turning. Predict with the logits as they are or through the
    layer `LogitNorm`. Of K classes none can get below
    log(1 + (K - 1) exp(-sqrt(K / (K - 1)) / temperature)).

    Args:
        temperature: Above 0; 0.04 is the source's value for CIFAR-10.
        epsilon: Added to the length, in (0, 0.1).
        reduction: As in Keras.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; logits (B, C), C at least 2.

    Raises:
        ValueError: An argument outside its range, or one column of logits.

    Source: Wei et al. (2022), arXiv:2205.09310, eq. 5.
    """

    def __init__(
        self,
        temperature: float = 0.04,
        epsilon: float = 1e-7,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_number("temperature", temperature, 0, low_open=True)
        check_number("epsilon", epsilon, 0, low_open=True, high=0.1, high_open=True)
        self.temperature = temperature
        self.epsilon = epsilon

    def row_values(self, y: Any, y_pred: Any) -> Any:
        shape = tuple(y_pred.shape)
        check(shape[-1] > 1, "y_pred", "of at least two columns", shape)
        squares = ops.sum(ops.square(y_pred), axis=-1, keepdims=True)
        length = ops.sqrt(ops.maximum(squares, TINY)) + self.epsilon
        return cross_entropy(y, y_pred / length / self.temperature, True)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "temperature": self.temperature,
            "epsilon": self.epsilon,
        }
