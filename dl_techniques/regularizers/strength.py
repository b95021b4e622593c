"""The weight of a penalty, fixed or changeable while a compiled step runs."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check, check_number


def make_strength(argument: str, value: float, schedulable: bool) -> Any:
    """Returns `value`, inside a float32 variable when `schedulable`.

    A Python number is frozen into a traced step; the variable is read at each step
    (on JAX, whose step does not know the variable, `RegularizerScheduleCallback`
    traces the step again when it changes).
    """
    check_number(argument, value, 0)
    check(isinstance(schedulable, bool), "schedulable", "true or false", schedulable)
    if not schedulable:
        return value
    return keras.Variable(value, trainable=False, dtype="float32", name="strength")


def times(strength: Any, value: Any) -> Any:
    """Multiplies by a strength made by `make_strength`."""
    return ops.multiply(ops.cast(ops.convert_to_tensor(strength), "float32"), value)
