"""Training objectives."""

from dl_techniques.losses.any_loss import (
    AccuracyLoss,
    AnyLoss,
    ApproximationFunction,
    BalancedAccuracyLoss,
    CohenKappaLoss,
    F1Loss,
    FBetaLoss,
    GeometricMeanLoss,
    IoULoss,
    MCCLoss,
    PrecisionLoss,
    RecallLoss,
    SpecificityLoss,
    WeightedAnyLoss,
    WeightedCrossEntropyWithAnyLoss,
    YoudenJLoss,
)
from dl_techniques.losses.one_hot_targets import OneHotTargets

__all__ = [
    "AccuracyLoss",
    "AnyLoss",
    "ApproximationFunction",
    "BalancedAccuracyLoss",
    "CohenKappaLoss",
    "F1Loss",
    "FBetaLoss",
    "GeometricMeanLoss",
    "IoULoss",
    "MCCLoss",
    "OneHotTargets",
    "PrecisionLoss",
    "RecallLoss",
    "SpecificityLoss",
    "WeightedAnyLoss",
    "WeightedCrossEntropyWithAnyLoss",
    "YoudenJLoss",
]
