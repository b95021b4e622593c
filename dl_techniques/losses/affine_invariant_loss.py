"""Comparison of depth maps whose scale and shift nobody knows."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.map_pairs import flat_maps
from dl_techniques.utils.validation import check_choice

_EPSILON = 1e-6


@keras.saving.register_keras_serializable(package="dl_techniques")
class AffineInvariantLoss(keras.losses.Loss):
    """Compares maps after each has lost its own shift and scale.

        mean_i |n(d)_i - n(y)_i|,  n(d) = (d - median(d)) / mean|d - median(d)|

    A prediction a d + b with a > 0 costs the same for every a and b. One value a
    sample.

    Args:
        inverse_target: Whether 1 / y is compared, for models that give larger numbers
            for what is nearer; targets must then be above 0.

    Shapes:
        y_true and y_pred (B, ...), alike but for an axis of length 1 -> (B,).

    Raises:
        ValueError: If the numbers of places differ.

    Source: Yang et al. (2024), arXiv:2401.10891, equations 1-3, after Ranftl et al.
    (2020), arXiv:1907.01341.
    """

    def __init__(
        self,
        inverse_target: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_choice("inverse_target", inverse_target, (True, False))
        self.inverse_target = inverse_target

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y, d = flat_maps(y_true, y_pred)
        if self.inverse_target:
            y = 1 / ops.maximum(y, _EPSILON)
        return ops.mean(ops.abs(_normal(d) - _normal(y)), axis=-1)

    def get_config(self) -> dict[str, Any]:
        own = {"inverse_target": self.inverse_target, "dtype": self.dtype}
        return {**super().get_config(), **own}


def _normal(d: Any) -> Any:
    shifted = d - ops.median(d, axis=-1, keepdims=True)
    scale = ops.mean(ops.abs(shifted), axis=-1, keepdims=True)
    return shifted / ops.maximum(scale, _EPSILON)
