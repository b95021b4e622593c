"""Linear warm-up in front of any learning-rate schedule."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Raises the rate along a line, then follows another schedule.

        lr(s) = start + (p(s) - start) * s / W  for s < W,  else p(s)

    `p(s)` is the primary schedule at step `s`, or at `max(s - W, 0)` with
    `shift_primary`. A pure function of the step.

    Args:
        warmup_steps: W, 0 or more; 0 is the primary alone.
        warmup_start_lr: Rate at step 0, 0 or more.
        primary_schedule: A schedule, or a constant rate above 0.
        shift_primary: Whether the primary begins after the warm-up.

    Raises:
        ValueError: If an argument is out of range or `primary_schedule` is missing.

    Source: Goyal et al. (2017), arXiv:1706.02677, section 2.2.
    """

    def __init__(
        self,
        warmup_steps: int,
        warmup_start_lr: float = 1e-8,
        primary_schedule: Any = None,
        shift_primary: bool = False,
    ) -> None:
        super().__init__()
        check_int("warmup_steps", warmup_steps, 0)
        check_number("warmup_start_lr", warmup_start_lr, 0)
        if isinstance(primary_schedule, dict):
            primary_schedule = keras.saving.deserialize_keras_object(primary_schedule)
        if not _is_schedule(primary_schedule):
            rule = "a LearningRateSchedule or a positive number"
            check(primary_schedule is not None, "primary_schedule", rule, None)
            check_number("primary_schedule", primary_schedule, 0, low_open=True)
        self.warmup_steps = warmup_steps
        self.warmup_start_lr = warmup_start_lr
        self.primary_schedule = primary_schedule
        self.shift_primary = shift_primary

    def __call__(self, step: Any) -> Any:
        """Returns the rate at `step`."""
        step = ops.cast(step, "float32")
        primary = self._primary(step)
        if self.warmup_steps == 0:
            return primary
        rise = self.warmup_start_lr + (primary - self.warmup_start_lr) * (
            step / self.warmup_steps
        )
        return ops.where(step < self.warmup_steps, rise, primary)

    def _primary(self, step: Any) -> Any:
        if self.shift_primary:
            step = ops.maximum(step - self.warmup_steps, 0.0)
        if _is_schedule(self.primary_schedule):
            return ops.cast(self.primary_schedule(step), "float32")
        return ops.cast(self.primary_schedule, "float32")

    def get_config(self) -> dict[str, Any]:
        primary = self.primary_schedule
        if _is_schedule(primary):
            primary = keras.saving.serialize_keras_object(primary)
        return {
            "warmup_steps": self.warmup_steps,
            "warmup_start_lr": self.warmup_start_lr,
            "primary_schedule": primary,
            "shift_primary": self.shift_primary,
        }


def _is_schedule(value: Any) -> bool:
    return isinstance(value, keras.optimizers.schedules.LearningRateSchedule)
