"""Cross-entropy with the entropy and mutual information of the answers."""

import warnings
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.batch_loss import reduced, with_mask
from dl_techniques.losses.log_probabilities import (
    entropy,
    log_probabilities,
    mutual_information,
    two_sided,
)
from dl_techniques.losses.probability_check import warn_of_probabilities
from dl_techniques.losses.sample_loss import SampleLoss
from dl_techniques.losses.targets import aligned, mean_over_rows, row_weights
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class GoodhartAwareLoss(SampleLoss):
    """Rewards uncertain answers and charges what answers tell about inputs.

        loss_i = CE_i - entropy_weight H_i + mi_weight I
        H_i = -sum_c p_ic ln p_ic,   I = H(mean_i p_i) - mean_i H_i

    The batch estimates I, which is at most ln of the smaller of classes and samples:
    small batches read too little. Written out, the mean of the loss is
    CE - (entropy_weight + mi_weight) H(Y|X) + mi_weight H(Y): the last term pushes
    towards naming fewer classes. It calibrates and compresses; it does not by itself
    tell a spurious feature from a real one. Lower bound: -entropy_weight ln C.

    Args:
        label_smoothing: e in [0, 1): targets become y (1 - e) + e / C.
        entropy_weight: At least 0; a warning above 1.
        mi_weight: At least 0; a warning above 0.1.
        from_logits: Whether predictions are logits. Probabilities given as logits
            are warned of where values can be read (outside a graph).
        epsilon: Smallest value whose logarithm is taken, in (0, 0.1).
        reduction: As in Keras; sample weights enter I too.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: An argument outside its range, or shapes that do not match.

    Source: Pereyra et al. (2017), arXiv:1701.06548, for the entropy; Tishby,
    Pereira, Bialek (2000), arXiv:physics/0004057, for the information. Putting both
    together is this library's own.
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        entropy_weight: float = 0.1,
        mi_weight: float = 0.01,
        from_logits: bool = True,
        epsilon: float = 1e-8,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_number("label_smoothing", label_smoothing, 0, high=1, high_open=True)
        check_number("entropy_weight", entropy_weight, 0)
        check_number("mi_weight", mi_weight, 0)
        check_number("epsilon", epsilon, 0, low_open=True, high=0.1, high_open=True)
        _warn_above("entropy_weight", entropy_weight, 1.0)
        _warn_above("mi_weight", mi_weight, 0.1)
        self.label_smoothing = label_smoothing
        self.entropy_weight = entropy_weight
        self.mi_weight = mi_weight
        self.from_logits = from_logits
        self.epsilon = epsilon

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.squeeze(self._parts(y_true, y_pred, None)["loss"], -1)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        weights = with_mask(sample_weight, getattr(y_pred, "_keras_mask", None))
        with keras.name_scope(self.name):
            y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
            y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
            values = self._parts(y_true, y_pred, weights)["loss"]
            return reduced(ops.squeeze(values, -1), weights, self)

    def loss_components(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Returns the weighted means of the parts, as scalars.

        "cross_entropy", "entropy" H(Y|X), "marginal_entropy" H(Y),
        "mutual_information" I, "entropy_term", "mi_term" and their sum "total".
        """
        parts = self._parts(y_true, y_pred, sample_weight)
        w, information = parts["weights"], parts["information"]
        mean_entropy = mean_over_rows(parts["entropy"], w)
        return {
            "cross_entropy": mean_over_rows(parts["cross_entropy"], w),
            "entropy": mean_entropy,
            "marginal_entropy": information + mean_entropy,
            "mutual_information": information,
            "entropy_term": -self.entropy_weight * mean_entropy,
            "mi_term": self.mi_weight * information,
            "total": mean_over_rows(parts["loss"], w),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "entropy_weight": self.entropy_weight,
            "mi_weight": self.mi_weight,
            "from_logits": self.from_logits,
            "epsilon": self.epsilon,
        }

    def _parts(self, y_true: Any, y_pred: Any, sample_weight: Any) -> dict[str, Any]:
        y, z = aligned(y_true, y_pred)
        if self.from_logits:
            warn_of_probabilities(z)
        y, z = two_sided(y, z, self.from_logits)
        w = row_weights(sample_weight, y)
        p, logs = log_probabilities(z, self.from_logits, self.epsilon)
        y = y * (1 - self.label_smoothing) + self.label_smoothing / y.shape[-1]
        errors, spread = -ops.sum(y * logs, axis=-1, keepdims=True), entropy(p, logs)
        information = mutual_information(p, spread, w, self.epsilon)
        loss = errors - self.entropy_weight * spread + self.mi_weight * information
        return {
            "cross_entropy": errors,
            "entropy": spread,
            "information": information,
            "weights": w,
            "loss": loss,
        }


def _warn_above(argument: str, value: float, limit: float) -> None:
    if value > limit:
        warnings.warn(
            f"`{argument}` above {limit} outweighs the labels. "
            f"Received: {argument}={value}",
            stacklevel=3,
        )
