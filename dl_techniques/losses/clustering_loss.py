"""Soft clusters that are tight and alike in size."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.batch_loss import BatchLoss
from dl_techniques.losses.targets import float_tensor, mean_over_rows, row_weights
from dl_techniques.utils.validation import check, check_choice, check_number

BALANCES = ("kl", "mse")


@keras.saving.register_keras_serializable(package="dl_techniques")
class ClusteringLoss(BatchLoss):
    """Pulls samples to their soft clusters and keeps the clusters balanced.

        distance_weight mean_i sum_k q_ik d_ik + distribution_weight R
        R = ln K - H(qbar) ("kl") or mean_k (qbar_k - 1 / K)^2 ("mse")
        qbar = mean_i q_i

    One value a batch: R depends on the batch size. With hard assignments and no R it is
    the inertia of k-means over the batch size.

    Args:
        distance_weight: Weight of the distances, at least 0.
        distribution_weight: Weight of the balance, at least 0.
        balance: "kl" or "mse".
        reduction: "sum_over_batch_size", "none" or None.

    Shapes:
        y_true: squared distances d (B, ..., K); y_pred: soft assignments q, the same.

    Raises:
        ValueError: If an argument is out of range or the shapes differ.
    """

    def __init__(
        self,
        distance_weight: float = 1.0,
        distribution_weight: float = 0.5,
        balance: str = "kl",
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_number("distance_weight", distance_weight, 0)
        check_number("distribution_weight", distribution_weight, 0)
        check_choice("balance", balance, BALANCES)
        self.distance_weight = distance_weight
        self.distribution_weight = distribution_weight
        self.balance = balance

    def batch_value(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        d, q = float_tensor(y_true), float_tensor(y_pred)
        pairs = zip(d.shape, q.shape, strict=False)
        same = len(d.shape) == len(q.shape) > 1 and all(
            a == b or None in (a, b) for a, b in pairs
        )
        rule = f"distances of the shape of the assignments, {tuple(q.shape)}"
        check(same, "y_true", rule, tuple(d.shape))
        w = row_weights(sample_weight, q)
        far = mean_over_rows(ops.sum(q * d, axis=-1, keepdims=True), w)
        total = ops.sum(w)
        safe = ops.where(total > 0, total, ops.ones_like(total))
        share = ops.sum(w * q, axis=tuple(range(len(q.shape) - 1))) / safe
        return self.distance_weight * far + self.distribution_weight * self._r(share)

    def _r(self, share: Any) -> Any:
        count = share.shape[-1]
        if self.balance == "mse":
            return ops.mean(ops.square(share - 1.0 / count))
        safe = ops.maximum(share, 1e-12)  # 0 ln 0 = 0
        return math.log(count) + ops.sum(share * ops.log(safe))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "distance_weight": self.distance_weight,
            "distribution_weight": self.distribution_weight,
            "balance": self.balance,
        }
