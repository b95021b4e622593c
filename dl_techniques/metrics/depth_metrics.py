"""How well maps of distances are predicted."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.map_pairs import flat_maps
from dl_techniques.utils.validation import check_choice, check_number

_EPSILON = 1e-6


class DepthMetric(keras.metrics.Metric):
    """Averages a value over all places whose true distance is above 0; 0 before any.

    Subclasses implement `values(y, d)`, one a place.

    Args:
        align: Whether each prediction is first scaled and shifted to fit its target
            best, by least squares, as for models that know neither.
    """

    def __init__(
        self, align: bool = False, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_choice("align", align, (True, False))
        self.align = align
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def values(self, y: Any, d: Any) -> Any:
        """Returns the value of each place, `(batch, places)`."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; a weight counts all places of a sample."""
        y, d = flat_maps(y_true, y_pred)
        known = ops.cast(y > 0, y.dtype)
        if self.align:
            d = _aligned(y, d, known)
        weights = known
        if sample_weight is not None:
            given = ops.cast(ops.convert_to_tensor(sample_weight), y.dtype)
            weights = weights * ops.reshape(given, (-1, 1))
        safe = ops.where(y > 0, y, ops.ones_like(y))
        values = self.values(safe, d) * weights
        self.total.assign_add(ops.cast(ops.sum(values), self.dtype))
        self.count.assign_add(ops.cast(ops.sum(weights), self.dtype))

    def result(self) -> Any:
        """Returns the mean so far."""
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        return {"align": self.align, "name": self.name, "dtype": self.dtype}


def _aligned(y: Any, d: Any, known: Any) -> Any:
    """Returns a d + b with the least squared error at the known places."""
    count = ops.maximum(ops.sum(known, axis=-1, keepdims=True), 1)

    def mean(x: Any) -> Any:
        return ops.sum(known * x, axis=-1, keepdims=True) / count

    off_y, off_d = y - mean(y), d - mean(d)
    spread = mean(off_d**2)
    scale = mean(off_y * off_d) / ops.maximum(spread, _EPSILON**2)
    return mean(y) + scale * off_d


@keras.saving.register_keras_serializable(package="dl_techniques")
class AbsoluteRelativeError(DepthMetric):
    """Averages |d - y| / y: the error as a share of the distance.

    Args:
        align: See `DepthMetric`.

    Shapes:
        Distances (B, ...) and predictions alike but for an axis of length 1.

    Source: Eigen, Puhrsch, Fergus (2014), arXiv:1406.2283, section 4.
    """

    def __init__(
        self, align: bool = False, name: str = "abs_rel", dtype: Any = None
    ) -> None:
        super().__init__(align, name, dtype)

    def values(self, y: Any, d: Any) -> Any:
        return ops.abs(d - y) / y


@keras.saving.register_keras_serializable(package="dl_techniques")
class DepthAccuracy(DepthMetric):
    """Counts the places whose distance is right up to a factor.

        share of max(d / y, y / d) < threshold

    Args:
        threshold: The factor, above 1; the first of the usual three is 1.25.
        align: See `DepthMetric`.

    Shapes:
        Distances (B, ...) and predictions alike but for an axis of length 1.

    Source: Eigen, Puhrsch, Fergus (2014), arXiv:1406.2283, section 4.
    """

    def __init__(
        self,
        threshold: float = 1.25,
        align: bool = False,
        name: str = "depth_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(align, name, dtype)
        check_number("threshold", threshold, 1, low_open=True)
        self.threshold = threshold

    def values(self, y: Any, d: Any) -> Any:
        d = ops.maximum(d, _EPSILON)
        return ops.cast(ops.maximum(d / y, y / d) < self.threshold, y.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "threshold": self.threshold}
