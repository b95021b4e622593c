"""Spiegelhalter's test of calibration as a loss."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.batch_loss import BatchLoss
from dl_techniques.losses.targets import aligned, probabilities, row_weights
from dl_techniques.utils.validation import check_choice

WEIGHTINGS = ("spiegelhalter", "in_the_large")
GUARD = 1e-7  # added to the variance, which is 0 when every p is 1/2


def z_sums(y: Any, p: Any, w: Any, weighting: str) -> tuple[Any, Any]:
    """Returns the numerator of Z and its variance, summed over the first axis."""
    u = 1 - 2 * p if weighting == "spiegelhalter" else ops.ones_like(p)
    surprise = ops.sum(w * u * (y - p), axis=0)
    variance = ops.sum(w * ops.square(u) * p * (1 - p), axis=0)
    return surprise, variance


def z_score(surprise: Any, variance: Any) -> Any:
    """Returns Z of the two sums."""
    return surprise / ops.sqrt(ops.maximum(variance, 0.0) + GUARD)


def z_of_columns(
    y_true: Any, y_pred: Any, sample_weight: Any, from_logits: bool, weighting: str
) -> Any:
    """Returns Z of every column against the rest, (C,)."""
    y, z = aligned(y_true, y_pred)
    p = probabilities(z, from_logits)
    w = row_weights(sample_weight, y)
    y, p, w = (ops.reshape(t, (-1, t.shape[-1])) for t in (y, p, w))
    return z_score(*z_sums(y, p, w, weighting))


@keras.saving.register_keras_serializable(package="dl_techniques")
class SpiegelhalterZLoss(BatchLoss):
    """Squares the z that tests whether stated probabilities come true.

        Z = sum w (y - p)(1 - 2p) / sqrt(sum w (1 - 2p)^2 p (1 - p))

    Z is close to N(0, 1) when labels are drawn from p. Several classes are held one
    against the rest and averaged. Alone it is degenerate: the base rate as constant
    answer has Z = 0; use it with another loss, as `CombinedCalibrationLoss` does. The
    value grows with the batch.

    Args:
        use_squared: Z^2, or |Z| when False.
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.
        weighting: "in_the_large" leaves out the weights (1 - 2p): it then asks only
            whether the mean of p is the base rate.
        reduction: "sum_over_batch_size" or "none"; the value is a scalar.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: An argument outside its range, or shapes that do not match.

    Source: Spiegelhalter (1986), Statistics in Medicine 5.
    """

    def __init__(
        self,
        use_squared: bool = True,
        from_logits: bool = False,
        weighting: str = "spiegelhalter",
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_choice("weighting", weighting, WEIGHTINGS)
        self.use_squared = use_squared
        self.from_logits = from_logits
        self.weighting = weighting

    def batch_value(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        z = z_of_columns(
            y_true, y_pred, sample_weight, self.from_logits, self.weighting
        )
        return ops.mean(ops.square(z) if self.use_squared else ops.abs(z))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_squared": self.use_squared,
            "from_logits": self.from_logits,
            "weighting": self.weighting,
        }
