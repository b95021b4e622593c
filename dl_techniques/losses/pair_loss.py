"""Base of losses over all pairs of a batch."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.pairs import pair_logits
from dl_techniques.utils.validation import check_number


class PairLoss(keras.losses.Loss):
    """Takes logits of every image with every text; targets are ignored.

    Gives one value a pair, which depends on the other pairs of the batch. On several
    devices each sees the pairs of its own part of the batch.

    Args:
        temperature: Divides the logits, above 0; None leaves them.
    """

    def __init__(
        self,
        temperature: float | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_number("temperature", temperature, 0, low_open=True, optional=True)
        self.temperature = temperature

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns the reduced loss; `y_true` may be None."""
        return super().__call__(ops.zeros((1,)), y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        image, text = pair_logits(y_pred)
        scale = 1.0 / (self.temperature or 1.0)
        return self.values(image * scale, text * scale)

    def values(self, image: Any, text: Any) -> Any:
        """Returns the loss of each pair, (B,)."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "dtype": self.dtype}
        return {**config, "temperature": self.temperature}
