"""Curves that need no training: penalties, starting weights, rates, soft metrics."""

from dl_techniques.analysis._kernel_spectra import (
    INITIAL_LAWS,
    KernelSpectrum,
    initial_kernel,
    kernel_spectrum,
)
from dl_techniques.analysis._penalty_curves import (
    PENALTIES,
    PenaltyCurve,
    penalty_curve,
)
from dl_techniques.analysis._schedule_curves import (
    SCHEDULES,
    ScheduleCurve,
    schedule_curve,
)
from dl_techniques.analysis._soft_metrics import (
    SOFT_METRICS,
    ApproximationCurve,
    SoftMetricCurve,
    approximation_curve,
    soft_metric_curve,
)
from dl_techniques.analysis._weight_states import (
    StateShares,
    state_shares,
    weight_entropy,
)

__all__ = [
    "INITIAL_LAWS",
    "PENALTIES",
    "SCHEDULES",
    "SOFT_METRICS",
    "ApproximationCurve",
    "KernelSpectrum",
    "PenaltyCurve",
    "ScheduleCurve",
    "SoftMetricCurve",
    "StateShares",
    "approximation_curve",
    "initial_kernel",
    "kernel_spectrum",
    "penalty_curve",
    "schedule_curve",
    "soft_metric_curve",
    "state_shares",
    "weight_entropy",
]
