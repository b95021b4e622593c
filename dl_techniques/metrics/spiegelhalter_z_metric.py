"""Spiegelhalter's test of calibration over all data."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.spiegelhalter_z_loss import WEIGHTINGS, z_score, z_sums
from dl_techniques.losses.targets import aligned, probabilities, row_weights
from dl_techniques.utils.validation import check_choice


@keras.saving.register_keras_serializable(package="dl_techniques")
class SpiegelhalterZMetric(keras.metrics.Metric):
    """Tests whether stated probabilities come true: Z, near N(0, 1) when they do.

        Z = sum w (y - p)(1 - 2p) / sqrt(sum w (1 - 2p)^2 p (1 - p))

    Both sums run over all batches. Of several columns p is the largest probability and
    y whether it was right. Outside +-1.96 calibration is rejected at 5 %.

    Args:
        use_squared: Z^2 instead of Z.
        from_logits: Whether predictions are logits: softmax of C > 1, sigmoid of one.
        weighting: "in_the_large" leaves out the weights (1 - 2p).

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,).

    Raises:
        ValueError: An argument outside its range, or shapes that do not match.

    Source: Spiegelhalter (1986), Statistics in Medicine 5.
    """

    def __init__(
        self,
        use_squared: bool = False,
        from_logits: bool = False,
        weighting: str = "spiegelhalter",
        name: str = "spiegelhalter_z",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_choice("weighting", weighting, WEIGHTINGS)
        self.use_squared = use_squared
        self.from_logits = from_logits
        self.weighting = weighting
        self.surprise = self.add_weight(name="surprise", initializer="zeros")
        self.variance = self.add_weight(name="variance", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y, z = aligned(y_true, y_pred)
        p, w = probabilities(z, self.from_logits), row_weights(sample_weight, y)
        if p.shape[-1] > 1:
            top = ops.one_hot(ops.argmax(p, axis=-1), p.shape[-1], dtype=p.dtype)
            y = ops.sum(y * top, axis=-1, keepdims=True)
            p = ops.max(p, axis=-1, keepdims=True)
        y, p, w = (ops.reshape(t, (-1,)) for t in (y, p, w))
        surprise, variance = z_sums(y, p, w, self.weighting)
        self.surprise.assign_add(ops.cast(surprise, self.dtype))
        self.variance.assign_add(ops.cast(variance, self.dtype))

    def result(self) -> Any:
        """Returns Z so far, or its square."""
        z = z_score(self.surprise.value, self.variance.value)
        return ops.square(z) if self.use_squared else z

    def result_p_value(self) -> Any:
        """Returns 2 (1 - Phi(|Z|)): how likely a calibrated model looks this bad."""
        z = z_score(self.surprise.value, self.variance.value)
        return 1 - ops.erf(ops.abs(z) / math.sqrt(2))

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "use_squared": self.use_squared,
            "from_logits": self.from_logits,
            "weighting": self.weighting,
        }
