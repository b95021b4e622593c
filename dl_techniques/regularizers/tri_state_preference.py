"""Preference for three-valued weights."""

from typing import Any

import keras
from keras import ops

from dl_techniques.regularizers.preference import PreferenceRegularizer


@keras.saving.register_keras_serializable(package="dl_techniques")
class TriStatePreferenceRegularizer(PreferenceRegularizer):
    """Pulls each weight to `-1 / scale`, 0 or `1 / scale`.

        x = scale w;  f(x) = 27/4 x^2 (x^2 - 1)^2;  multiplier * mean f

    Minima 0 at -1, 0 and 1, with curvatures 54, 13.5 and 54; maxima of 1 between
    them at `+-1 / sqrt(3)`, where the basins part.

    Args:
        multiplier: Weight of the penalty, at least 0.
        scale: Inverse of the outer states' size, above 0.
        reduction: "mean" or "sum" over the weights.

    Raises:
        ValueError: For an illegal argument.

    Source: this project.
    """

    def well(self, x: Any) -> Any:
        return 6.75 * ops.square(x * (ops.square(x) - 1.0))
