"""Preference for weights of 0 or one other value."""

from typing import Any

import keras
from keras import ops

from dl_techniques.regularizers.preference import PreferenceRegularizer


@keras.saving.register_keras_serializable(package="dl_techniques")
class BinaryPreferenceRegularizer(PreferenceRegularizer):
    """Pulls each weight to 0 or `1 / scale`.

        x = scale w;  f(x) = 16 x^2 (1 - x)^2;  multiplier * mean f

    Minima 0 at `x = 0` and `x = 1` with curvature 32; an unstable maximum of 1 at
    `x = 1/2`. Near 0 it acts as 16 x^2, so weights that start around zero all go to
    0: start them spread over `[0, 1 / scale]` and keep them there. With "mean" the
    force on one weight is divided by the number of weights.

    Args:
        multiplier: Weight of the penalty, at least 0.
        scale: Inverse of the upper state, above 0.
        reduction: "mean" or "sum" over the weights.

    Raises:
        ValueError: For an illegal argument.

    Source: this project.
    """

    def well(self, x: Any) -> Any:
        return 16.0 * ops.square(x * (1.0 - x))
