"""Ends a run that no longer improves."""

import math
from typing import Any

from dl_techniques.recipes.schema import EarlyStopping
from dl_techniques.tracking.convert import rising


class Patience:
    """Counts the epochs since the watched value last improved by `min_delta`.

    An accuracy should rise, a loss fall; NaN never improves.

    Args:
        spec: The recipe's wish.
        state: What `state()` gave before, to go on.
    """

    def __init__(
        self, spec: EarlyStopping, state: dict[str, Any] | None = None
    ) -> None:
        self.spec = spec
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self._sign = -1.0 if rising(spec.monitor) else 1.0
        for name, value in (state or {}).items():
            setattr(self, name, value)

    def state(self) -> dict[str, Any]:
        """Returns what a checkpoint keeps."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
        }

    def improved(self, epoch: int, values: dict[str, float]) -> bool:
        """Takes in one epoch and tells whether it is the best so far."""
        value = values.get(self.spec.monitor, math.nan)
        if self.best is None:
            better = not math.isnan(value)
        else:
            gain = (self.best - value) * self._sign
            better = gain > self.spec.min_delta
        if better:
            self.best, self.best_epoch, self.waited = value, epoch, 0
        else:
            self.waited += 1
        return better

    @property
    def over(self) -> bool:
        """Whether patience has run out."""
        return self.waited >= self.spec.patience

    def reason(self) -> str:
        """Says why the run ended."""
        if self.best is None:
            return f"early stopping: there is no {self.spec.monitor} to watch"
        return (
            f"early stopping: {self.spec.monitor} did not improve for "
            f"{self.waited} epochs; best {self.best:.4g} in epoch {self.best_epoch}"
        )
