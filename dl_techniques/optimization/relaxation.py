"""A strength that fades along half a cosine wave."""

import math
from dataclasses import dataclass

from dl_techniques.utils.validation import check_number


@dataclass(frozen=True)
class CosineRelaxation:
    """`maximum (1 + cos(pi min(t / total, 1))) / 2`: from `maximum` down to 0.

    Attributes:
        maximum: Value at `t = 0`, at least 0.
        total: Where it reaches 0, above 0, in the unit of `t`.
    """

    maximum: float
    total: float

    def __post_init__(self) -> None:
        check_number("max", self.maximum, 0)
        check_number("total", self.total, 0, low_open=True)

    def __call__(self, t: float) -> float:
        """Returns the value at `t`, 0 or more."""
        check_number("t", t, 0)
        share = min(t / self.total, 1.0)
        return self.maximum * (1.0 + math.cos(math.pi * share)) / 2.0


def cosine_relaxation(
    max: float,  # noqa: A002  # the public name
    total: float,
) -> CosineRelaxation:
    """Returns a schedule that fades from `max` at 0 to 0 at `total`."""
    return CosineRelaxation(max, total)
