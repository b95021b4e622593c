"""What the penalties that prefer a few states share."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.kernels import as_float32
from dl_techniques.utils.validation import check_choice, check_number

REDUCTIONS = ("mean", "sum")


class PreferenceRegularizer(keras.regularizers.Regularizer):
    """`multiplier * mean(well(scale * w))`; subclasses give `well`."""

    def __init__(
        self, multiplier: float = 1.0, scale: float = 1.0, reduction: str = "mean"
    ) -> None:
        check_number("multiplier", multiplier, 0)
        check_number("scale", scale, 0, low_open=True)
        check_choice("reduction", reduction, REDUCTIONS)
        self.multiplier = multiplier
        self.scale = scale
        self.reduction = reduction

    def well(self, x: Any) -> Any:
        """Returns the penalty of each scaled weight."""
        raise NotImplementedError

    def __call__(self, x: Any) -> Any:
        value = self.well(self.scale * as_float32(x))
        reduce = ops.mean if self.reduction == "mean" else ops.sum
        return self.multiplier * reduce(value)

    def get_config(self) -> dict[str, Any]:
        return {
            "multiplier": self.multiplier,
            "scale": self.scale,
            "reduction": self.reduction,
        }
