"""Training objectives."""

from dl_techniques.losses.affine_invariant_loss import AffineInvariantLoss
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
from dl_techniques.losses.brier_score_loss import BrierScoreLoss
from dl_techniques.losses.capsule_margin_loss import CapsuleMarginLoss
from dl_techniques.losses.clip_contrastive_loss import CLIPContrastiveLoss
from dl_techniques.losses.clip_contrastive_loss_layer import CLIPContrastiveLossLayer
from dl_techniques.losses.clustering_loss import ClusteringLoss
from dl_techniques.losses.combined_calibration_loss import CombinedCalibrationLoss
from dl_techniques.losses.confidence_penalty_loss import ConfidencePenaltyLoss
from dl_techniques.losses.feature_alignment_loss import FeatureAlignmentLoss
from dl_techniques.losses.goodhart_aware_loss import GoodhartAwareLoss
from dl_techniques.losses.logit_norm_loss import LogitNormLoss
from dl_techniques.losses.mdn_loss import MDNLoss
from dl_techniques.losses.one_hot_targets import OneHotTargets
from dl_techniques.losses.segmentation import (
    BoundaryLoss,
    CategoricalFocalLoss,
    ComboLoss,
    DiceLoss,
    FocalTverskyLoss,
    GeneralizedDiceLoss,
    HausdorffDTLoss,
    JaccardLoss,
    LovaszHingeLoss,
    LovaszSoftmaxLoss,
    SegmentationCrossEntropy,
    TverskyLoss,
    create_segmentation_loss,
    signed_distance_map,
)
from dl_techniques.losses.siglip_loss import SigLIPLoss
from dl_techniques.losses.spiegelhalter_z_loss import SpiegelhalterZLoss

__all__ = [
    "AccuracyLoss",
    "AffineInvariantLoss",
    "AnyLoss",
    "ApproximationFunction",
    "BalancedAccuracyLoss",
    "BoundaryLoss",
    "BrierScoreLoss",
    "CLIPContrastiveLoss",
    "CLIPContrastiveLossLayer",
    "CapsuleMarginLoss",
    "CategoricalFocalLoss",
    "ClusteringLoss",
    "CohenKappaLoss",
    "CombinedCalibrationLoss",
    "ComboLoss",
    "ConfidencePenaltyLoss",
    "DiceLoss",
    "F1Loss",
    "FBetaLoss",
    "FeatureAlignmentLoss",
    "FocalTverskyLoss",
    "GeneralizedDiceLoss",
    "GeometricMeanLoss",
    "GoodhartAwareLoss",
    "HausdorffDTLoss",
    "IoULoss",
    "JaccardLoss",
    "LogitNormLoss",
    "LovaszHingeLoss",
    "LovaszSoftmaxLoss",
    "MCCLoss",
    "MDNLoss",
    "OneHotTargets",
    "PrecisionLoss",
    "RecallLoss",
    "SegmentationCrossEntropy",
    "SigLIPLoss",
    "SpecificityLoss",
    "SpiegelhalterZLoss",
    "TverskyLoss",
    "WeightedAnyLoss",
    "WeightedCrossEntropyWithAnyLoss",
    "YoudenJLoss",
    "create_segmentation_loss",
    "signed_distance_map",
]
