"""Learning-rate schedules and optimizer builders."""

from dl_techniques.optimization.warmup_schedule import WarmupSchedule

__all__ = ["WarmupSchedule"]
