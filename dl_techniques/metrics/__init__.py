"""Metrics that go with the losses."""

from dl_techniques.metrics.brier_score_metric import BrierScoreMetric
from dl_techniques.metrics.capsule_accuracy import CapsuleAccuracy
from dl_techniques.metrics.clip_accuracy import CLIPAccuracy
from dl_techniques.metrics.clip_recall_at_k import CLIPRecallAtK
from dl_techniques.metrics.clustering_metrics import (
    ClusteringMetrics,
    clustering_metrics,
)
from dl_techniques.metrics.depth_metrics import AbsoluteRelativeError, DepthAccuracy
from dl_techniques.metrics.prediction_entropy import PredictionEntropy
from dl_techniques.metrics.prediction_mutual_information import (
    PredictionMutualInformation,
)
from dl_techniques.metrics.segmentation_dice import SegmentationDice
from dl_techniques.metrics.segmentation_iou import SegmentationIoU
from dl_techniques.metrics.spiegelhalter_z_metric import SpiegelhalterZMetric

__all__ = [
    "AbsoluteRelativeError",
    "BrierScoreMetric",
    "CLIPAccuracy",
    "CLIPRecallAtK",
    "CapsuleAccuracy",
    "ClusteringMetrics",
    "DepthAccuracy",
    "PredictionEntropy",
    "PredictionMutualInformation",
    "SegmentationDice",
    "SegmentationIoU",
    "SpiegelhalterZMetric",
    "clustering_metrics",
]
