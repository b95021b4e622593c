"""Pulls the features of one model towards those of another."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class FeatureAlignmentLoss(keras.losses.Loss):
    """Asks features to point where those of a fixed model point, but not exactly.

        mean_i (1 - cos_i) [cos_i < tolerance],  cos_i = cos(f_i, g_i)

    Places that are alike enough are left alone, so that the model may keep what the
    other one does not see. One value a sample.

    Args:
        tolerance: Cosine from which on a place is left alone, in (-1, 1]; 1 pulls
            everywhere.

    Shapes:
        y_true (the fixed model's) and y_pred (B, ..., C) -> (B,).

    Source: Yang et al. (2024), arXiv:2401.10891, equation 6.
    """

    def __init__(
        self,
        tolerance: float = 0.85,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_number("tolerance", tolerance, -1, low_open=True, high=1)
        self.tolerance = tolerance

    def call(self, y_true: Any, y_pred: Any) -> Any:
        p, y = ops.convert_to_tensor(y_pred), ops.convert_to_tensor(y_true)
        dtype = keras.backend.standardize_dtype(p.dtype)
        dtype = keras.backend.result_type(dtype, "float32")
        cosine = ops.sum(_unit(ops.cast(p, dtype)) * _unit(ops.cast(y, dtype)), axis=-1)
        kept = ops.cast(cosine < self.tolerance, dtype)
        values = ops.reshape((1 - cosine) * kept, (ops.shape(p)[0], -1))
        return ops.mean(values, axis=-1)

    def get_config(self) -> dict[str, Any]:
        own = {"tolerance": self.tolerance, "dtype": self.dtype}
        return {**super().get_config(), **own}


def _unit(x: Any) -> Any:
    square = ops.sum(ops.square(x), axis=-1, keepdims=True)
    return x * ops.rsqrt(ops.maximum(square, 1e-12))
