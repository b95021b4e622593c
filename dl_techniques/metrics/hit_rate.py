"""Base of metrics that are a share of hits."""

from typing import Any

import keras
from keras import ops


class HitRate(keras.metrics.Metric):
    """Shares out hits: sum(w h) / sum(w) over all batches; 0 before any.

    Subclasses implement `hits(y_true, y_pred)`, values in [0, 1], one a sample.
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def hits(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the hits of a batch."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        hits = ops.cast(self.hits(y_true, y_pred), self.dtype)
        weights = ops.ones_like(hits)
        if sample_weight is not None:
            given = ops.cast(ops.convert_to_tensor(sample_weight), self.dtype)
            weights = weights * ops.reshape(given, (-1,))
        self.total.assign_add(ops.sum(hits * weights))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Any:
        """Returns the share so far."""
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}
