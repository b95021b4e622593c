"""The strength of SRIP over the epochs, in steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dl_techniques.callbacks.regularizer_schedule_callback import (
    RegularizerScheduleCallback,
)
from dl_techniques.regularizers import SRIPRegularizer
from dl_techniques.utils.validation import check, check_number

STEPS = {20: 1e-3, 50: 1e-4, 70: 1e-6, 120: 0.0}


@dataclass(frozen=True)
class EpochSteps:
    """A factor that is 1 and changes at given epochs, counted from 0.

    Attributes:
        steps: Epochs from which a factor holds, and the factors.
    """

    steps: tuple[tuple[int, float], ...]

    def __call__(self, epoch: int) -> float:
        """Returns the factor of `epoch`."""
        value = 1.0
        for start, factor in self.steps:
            if epoch >= start:
                value = factor
        return value


def srip_schedule(
    target: Any = None, steps: Mapping[int, float] | None = None
) -> RegularizerScheduleCallback:
    """Returns a callback that lowers the strength of SRIP regularizers in steps.

    Args:
        target: What to change, see `RegularizerScheduleCallback`; None is every SRIP
            regularizer of the trained model.
        steps: From the number of finished epochs to the factor on the initial
            strength; by default 1 for 20 epochs, 1e-3 up to 50, 1e-4 up to 70, 1e-6 up
            to 120, then 0.

    Raises:
        ValueError: If a factor is negative or an epoch is not 0 or more.

    Source: Bansal, Chen, Wang (2018), arXiv:1810.09102, the authors' training script.
    """
    given = STEPS if steps is None else dict(steps)
    for epoch, factor in given.items():
        check(isinstance(epoch, int) and epoch >= 0, "steps", "for epochs >= 0", epoch)
        check_number("steps", factor, 0)
    schedule = EpochSteps(tuple(sorted(given.items())))
    return RegularizerScheduleCallback(target, schedule, True, SRIPRegularizer)
