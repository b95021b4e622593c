"""Changes the weights of supervised outputs from epoch to epoch."""

import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from dl_techniques.callbacks.retrace import retrace
from dl_techniques.callbacks.weighted_output_loss import WeightedOutputLoss
from dl_techniques.utils.validation import check, check_choice, check_int


class DeepSupervisionCallback(keras.callbacks.Callback):
    """Sets the weight of every output's loss at the start of each epoch.

        weights = schedule(epoch / (total_epochs - 1))

    The model must be compiled with the losses of `DeepSupervisionLossWeights`. The
    weights appear in the history as `ds_weight_0`, `ds_weight_1`, ...; the losses
    that Keras reports for single outputs are weighted already.

    Args:
        schedule: From progress in [0, 1] to one weight an output, for example what
            `deep_supervision_schedule_builder` returns.
        total_epochs: Epochs over which progress runs from 0 to 1, at least 1; a
            single epoch has progress 0.
        verbose: 1 prints the weights at each epoch.

    Raises:
        ValueError: If an argument is out of range; when training starts with other
            losses, or with another number of them than weights.
    """

    def __init__(
        self, schedule: Callable[[float], Any], total_epochs: int, verbose: int = 0
    ) -> None:
        super().__init__()
        check(callable(schedule), "schedule", "a function of the progress", schedule)
        check_int("total_epochs", total_epochs)
        check_choice("verbose", verbose, (0, 1))
        self.schedule = schedule
        self.total_epochs = total_epochs
        self.verbose = verbose
        self.weights: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        losses = self._losses()
        progress = epoch / max(self.total_epochs - 1, 1)
        self.weights = [float(w) for w in np.asarray(self.schedule(progress))]
        count = 1 + max(loss.index for loss in losses)
        rule = f"a function that gives {count} weights"
        check(len(self.weights) == count, "schedule", rule, self.weights)
        changed = False
        for loss in losses:
            changed |= loss.set_weight(self.weights[loss.index])
        if changed:
            retrace(self.model)
        if self.verbose:
            told = ", ".join(f"{w:.4f}" for w in self.weights)
            sys.stdout.write(f"Weights of the outputs: {told}\n")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs |= {f"ds_weight_{i}": w for i, w in enumerate(self.weights)}

    def _losses(self) -> list[WeightedOutputLoss]:
        found = [
            loss
            for loss in keras.tree.flatten(getattr(self.model, "loss", None))
            if isinstance(loss, WeightedOutputLoss)
        ]
        rule = "compiled with the losses of DeepSupervisionLossWeights"
        check(bool(found), "model", rule, getattr(self.model, "loss", None))
        return found
