"""A learning rate that does not change."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConstantSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Gives the same rate at every step.

        lr(s) = learning_rate

    Args:
        learning_rate: The rate, above 0.

    Raises:
        ValueError: If the rate is not above 0.
    """

    def __init__(self, learning_rate: float) -> None:
        super().__init__()
        check_number("learning_rate", learning_rate, 0, low_open=True)
        self.learning_rate = learning_rate

    def __call__(self, step: Any) -> Any:
        """Returns the rate, as a tensor of the step's shape."""
        return ops.full_like(ops.cast(step, "float32"), self.learning_rate)

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate}
