"""Learning-rate schedules, optimizer builders and weights of supervised outputs."""

from dl_techniques.optimization.constant_schedule import ConstantSchedule
from dl_techniques.optimization.deep_supervision import (
    DeepSupervisionSchedule,
    deep_supervision_schedule_builder,
)
from dl_techniques.optimization.one_cycle_schedule import OneCycleSchedule
from dl_techniques.optimization.optimizer_builder import optimizer_builder
from dl_techniques.optimization.relaxation import cosine_relaxation
from dl_techniques.optimization.schedule_builder import (
    learning_rate_schedule_builder,
    schedule_builder,
)
from dl_techniques.optimization.warmup_schedule import WarmupSchedule

__all__ = [
    "ConstantSchedule",
    "DeepSupervisionSchedule",
    "OneCycleSchedule",
    "WarmupSchedule",
    "cosine_relaxation",
    "deep_supervision_schedule_builder",
    "learning_rate_schedule_builder",
    "optimizer_builder",
    "schedule_builder",
]
