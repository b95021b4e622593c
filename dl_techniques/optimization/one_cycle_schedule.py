"""One wave up and down over the whole run."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class OneCycleSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Raises the rate to its peak along half a cosine wave, then lowers it far below.

        first = peak / div_factor;  last = first / final_div_factor
        lr goes first -> peak over start_fraction * decay_steps steps, then peak -> last
        until decay_steps, each way a + (b - a) (1 - cos(pi u)) / 2 with u in [0, 1]

    After `decay_steps` the rate stays at `last`.

    Args:
        learning_rate: The peak, above 0.
        decay_steps: Steps of the whole cycle, at least 1.
        start_fraction: Share of the cycle spent rising, in [0, 1].
        div_factor: Peak over first rate, at least 1.
        final_div_factor: First over last rate, at least 1.

    Raises:
        ValueError: If an argument is out of range.

    Source: Smith & Topin (2018), arXiv:1708.07120; cosine halves and the factors'
    meaning as in PyTorch's OneCycleLR.
    """

    def __init__(
        self,
        learning_rate: float,
        decay_steps: int,
        start_fraction: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        super().__init__()
        check_number("learning_rate", learning_rate, 0, low_open=True)
        check_int("decay_steps", decay_steps)
        check_number("start_fraction", start_fraction, 0, high=1)
        check_number("div_factor", div_factor, 1)
        check_number("final_div_factor", final_div_factor, 1)
        self.learning_rate = learning_rate
        self.decay_steps = decay_steps
        self.start_fraction = start_fraction
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor

    def __call__(self, step: Any) -> Any:
        """Returns the rate at `step`."""
        step = ops.cast(step, "float32")
        first = self.learning_rate / self.div_factor
        turn = self.start_fraction * self.decay_steps
        rise = _wave(first, self.learning_rate, step / max(turn, 1e-9))
        rest = max(self.decay_steps - turn, 1e-9)
        last = first / self.final_div_factor
        fall = _wave(self.learning_rate, last, (step - turn) / rest)
        return ops.where(step < turn, rise, fall)

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "decay_steps": self.decay_steps,
            "start_fraction": self.start_fraction,
            "div_factor": self.div_factor,
            "final_div_factor": self.final_div_factor,
        }


def _wave(start: float, end: float, u: Any) -> Any:
    half = 0.5 * math.pi * ops.clip(u, 0.0, 1.0)
    # (1 + cos(pi u)) / 2 = cos^2(pi u / 2), which float32 brings down to 1e-15 at u = 1
    return start * ops.square(ops.cos(half)) + end * ops.square(ops.sin(half))
