"""Weights clipped to a range."""

from typing import Any, Self

import keras
from keras import ops

from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class ValueRangeConstraint(keras.constraints.Constraint):
    """Clips weights to `[min_value, max_value]` after each update.

    As a projection after the step it leaves the gradient at a bound alive, so that a
    weight can come back; a clip inside the forward pass would not.

    Args:
        min_value: Lower bound, or None.
        max_value: Upper bound, or None; one of the two is needed.

    Raises:
        ValueError: If both are None or the lower bound is above the upper.
    """

    def __init__(
        self, min_value: float | None = None, max_value: float | None = None
    ) -> None:
        check_number("min_value", min_value, None, optional=True)
        check_number("max_value", max_value, None, optional=True)
        given = min_value is not None or max_value is not None
        check(given, "max_value", "a number when `min_value` is None", max_value)
        if min_value is not None and max_value is not None:
            rule = f"at least `min_value` ({min_value})"
            check(min_value <= max_value, "max_value", rule, max_value)
        self.min_value = min_value
        self.max_value = max_value

    def __call__(self, w: Any) -> Any:
        w = ops.convert_to_tensor(w)
        if self.min_value is not None:
            w = ops.maximum(w, ops.cast(self.min_value, w.dtype))
        if self.max_value is not None:
            w = ops.minimum(w, ops.cast(self.max_value, w.dtype))
        return w

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        known = {k: v for k, v in config.items() if k != "clip_gradients"}
        return cls(**known)
