"""Weights of several outputs' losses that a callback may change."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from dl_techniques.callbacks.weighted_output_loss import (
    WeightedOutputLoss,
    weight_variable,
)
from dl_techniques.utils.validation import check, check_int


class DeepSupervisionLossWeights:
    """Holds one weight an output, read by the losses at every step.

    Keras freezes `loss_weights` into the compiled step; these are float32 variables,
    so that `DeepSupervisionCallback` can change them between epochs:

        weights = DeepSupervisionLossWeights(3)
        model.compile("adam", loss=weights.losses("mse"))
        model.fit(x, [y, y, y], callbacks=[DeepSupervisionCallback(schedule, epochs)])

    Args:
        num_outputs: Number of outputs, at least 1.
        initial: Starting weights, at least 0; equal weights that sum to 1 by default.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self, num_outputs: int, initial: Sequence[float] | None = None
    ) -> None:
        check_int("num_outputs", num_outputs)
        start = [1 / num_outputs] * num_outputs if initial is None else list(initial)
        rule = f"{num_outputs} numbers"
        check(len(start) == num_outputs, "initial", rule, initial)
        self.variables = [weight_variable(w, i) for i, w in enumerate(start)]

    def losses(self, loss: Any) -> list[WeightedOutputLoss]:
        """Returns one loss an output, in order.

        Args:
            loss: A loss for all outputs, or a list of one an output.
        """
        n = len(self.variables)
        parts = list(loss) if isinstance(loss, list | tuple) else [loss] * n
        check(len(parts) == n, "loss", f"one loss or {n} losses", loss)
        return [
            WeightedOutputLoss(part, i, variable)
            for i, (part, variable) in enumerate(
                zip(parts, self.variables, strict=True)
            )
        ]

    def assign(self, values: Sequence[float]) -> None:
        """Sets the weights."""
        rule = f"{len(self.variables)} numbers"
        check(len(values) == len(self.variables), "values", rule, values)
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(float(value))

    def numpy(self) -> list[float]:
        """Returns the weights as numbers."""
        return [float(ops.convert_to_numpy(v)) for v in self.variables]
