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
from dl_techniques.losses.capsule_margin_loss import CapsuleMarginLoss
from dl_techniques.losses.clip_contrastive_loss import CLIPContrastiveLoss
from dl_techniques.losses.clip_contrastive_loss_layer import CLIPContrastiveLossLayer
from dl_techniques.losses.mdn_loss import MDNLoss
from dl_techniques.losses.one_hot_targets import OneHotTargets
from dl_techniques.losses.siglip_loss import SigLIPLoss

__all__ = [
    "AccuracyLoss",
    "AnyLoss",
    "ApproximationFunction",
    "BalancedAccuracyLoss",
    "CLIPContrastiveLoss",
    "CLIPContrastiveLossLayer",
    "CapsuleMarginLoss",
    "CohenKappaLoss",
    "F1Loss",
    "FBetaLoss",
    "GeometricMeanLoss",
    "IoULoss",
    "MCCLoss",
    "MDNLoss",
    "OneHotTargets",
    "PrecisionLoss",
    "RecallLoss",
    "SigLIPLoss",
    "SpecificityLoss",
    "WeightedAnyLoss",
    "WeightedCrossEntropyWithAnyLoss",
    "YoudenJLoss",
]
