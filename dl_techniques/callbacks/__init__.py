"""Keras callbacks that components need."""

from dl_techniques.callbacks.deep_supervision_callback import DeepSupervisionCallback
from dl_techniques.callbacks.deep_supervision_loss_weights import (
    DeepSupervisionLossWeights,
)
from dl_techniques.callbacks.regularizer_schedule_callback import (
    RegularizerScheduleCallback,
)
from dl_techniques.callbacks.srip_schedule import srip_schedule
from dl_techniques.callbacks.weighted_output_loss import WeightedOutputLoss
from dl_techniques.optimization.relaxation import cosine_relaxation

__all__ = [
    "DeepSupervisionCallback",
    "DeepSupervisionLossWeights",
    "RegularizerScheduleCallback",
    "WeightedOutputLoss",
    "cosine_relaxation",
    "srip_schedule",
]
